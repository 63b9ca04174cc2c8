import type { PriceList } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark, screenWidth } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'
import { formatCSV } from '../../output/csv.ts'
import { markdownTable } from '../../output/markdown-table.ts'
import { isValueFormat, printValue, type ReportFormat, reportOutputOption } from '../../output/output-format.ts'
import { formatTable } from '../../output/table.ts'

interface Options {
  readonly model?: string
  readonly headers: boolean
  readonly output: ReportFormat
}

type Listed = PriceList['models'][number]

/** `prices`: what the server takes models to cost. */
export function pricesCommand(io: CommandIO): Command {
  return new Command('prices')
    .description('show what models cost in US dollars per million tokens, how old that is and where it is from')
    .option('--model <pattern>', 'only models whose provider/name matches this regular expression')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(reportOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[], Options> = async ({ io, connect }, _, options) => {
  const matches = matcher(options.model)
  const server = await (await connect()).server()
  const { version, models } = await server.prices()
  const chosen = models.filter(({ entry }) => matches(`${entry.provider}/${entry.model}`))
  if (isValueFormat(options.output)) return printValue(io, { version, models: chosen }, options.output)
  if (options.output === 'csv') {
    const lines = chosen.map((listed) => [...cells(listed), listed.entry.asOf, listed.origin, listed.entry.source])
    io.stdout.write(formatCSV([...heads, 'as of', 'from', 'source'], lines))
    return
  }
  if (chosen.length === 0) return remark(io, `No model of price table ${version} matches; its cost is unknown.`)
  const lines = chosen.map((listed) => [
    ...cells(listed).map((cell) => cell ?? '-'),
    `${ageDays(listed, io.now())}d`,
    listed.origin === 'Own' ? 'own file' : 'built in',
    notes(listed),
  ])
  const shown = [...heads, 'age', 'from', 'notes']
  if (options.output === 'md') print(io, ...markdownTable(shown, lines))
  else print(io, ...formatTable(shown, lines, { noHeaders: !options.headers, width: screenWidth(io) }))
  remark(io, `Price table ${version}, US dollars per million tokens. An LLMProfile's own price goes before it.`)
}

const heads = ['provider', 'model', 'input', 'cached', 'output', 'batch in', 'batch out'] as const

function cells({ entry }: Listed): (string | null)[] {
  const { provider, model, inputPerMillion, cachedInputPerMillion = null, outputPerMillion, batch } = entry
  const inBatch = [batch?.inputPerMillion ?? null, batch?.outputPerMillion ?? null]
  return [provider, model, inputPerMillion, cachedInputPerMillion, outputPerMillion, ...inBatch]
}

function notes({ entry }: Listed): string {
  const { upToInputTokens, longInput, peak } = entry
  return [
    upToInputTokens === undefined ? [] : [`to ${upToInputTokens} tokens of input`],
    longInput === undefined
      ? []
      : [`above ${longInput.above} tokens of input ${longInput.inputPerMillion} / ${longInput.outputPerMillion}`],
    peak === undefined ? [] : [`at busy hours ${peak.inputPerMillion} / ${peak.outputPerMillion}`],
  ]
    .flat()
    .join(', ')
}

function ageDays({ entry }: Listed, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - Date.parse(entry.asOf)) / 86_400_000))
}

function matcher(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true
  try {
    const expression = new RegExp(pattern, 'i')
    return (name) => expression.test(name)
  } catch (error) {
    throw usageError(`--model: ${(error as Error).message}`)
  }
}
