import { parseDurationMs, type RunSummary } from '@amx/api'
import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import { formatCSV } from '../../output/csv.ts'
import { type FigureFormat, figureOutputOption, isValueFormat, printValue } from '../../output/output-format.ts'
import { formatTable } from '../../output/table.ts'
import { storedRuns } from '../../results/stored-runs.ts'
import { type Usage, type UsageUnit, usageBy, usageOf, usageUnits } from './usage-by.ts'

interface Options {
  readonly window: string
  readonly by: UsageUnit
  readonly headers: boolean
  readonly output: FigureFormat
}

/** `usage`: tokens and cost of the runs of a namespace. */
export function usageCommand(io: CommandIO): Command {
  return new Command('usage')
    .description('show calls, tokens and cost of the runs that began within a time')
    .option('--window <time>', 'how far to look back, such as 30d or 12h', '30d')
    .addOption(new Option('--by <unit>', 'what to add up by').choices(usageUnits).default('model'))
    .option('--no-headers', 'without the heads of the columns')
    .addOption(figureOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[], Options> = async ({ io, connect }, _, options) => {
  const since = new Date(io.now().getTime() - windowMs(options.window))
  const { namespace, server: reach } = await connect()
  const runs: RunSummary[] = []
  for await (const run of storedRuns(await reach(), namespace)) {
    // The newest come first: what follows is older still.
    if (new Date(run.startedAt) < since) break
    runs.push(run)
  }
  const groups = usageBy(runs, options.by)
  const total = usageOf(runs)
  if (isValueFormat(options.output)) {
    printValue(io, { since: since.toISOString(), by: options.by, groups, total }, options.output)
  } else if (options.output === 'csv') {
    const lines = groups.map((usage) => [usage.group, ...figures(usage), usage.cost, usage.unpricedCalls])
    io.stdout.write(formatCSV([options.by, ...figureHeads, 'cost usd', 'unpriced calls'], lines))
  } else if (runs.length === 0) {
    remark(io, `No runs since ${since.toISOString()} in namespace "${namespace}".`)
  } else {
    const lines = [...groups, total].map((usage) => [usage.group, ...figures(usage).map(String), money(usage)])
    print(io, ...formatTable([options.by, ...figureHeads, 'cost'], lines, { noHeaders: !options.headers }))
    if (total.unpricedCalls > 0) remark(io, `${total.unpricedCalls} calls had no known price and are not in the cost`)
  }
}

const figureHeads = ['runs', 'calls', 'cached replies', 'input', 'cached', 'output', 'reasoning'] as const

function figures(usage: Usage): number[] {
  const { runs, calls, cachedReplies, inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = usage
  return [runs, calls, cachedReplies, inputTokens, cachedInputTokens, outputTokens, reasoningTokens]
}

function money({ cost, unpricedCalls }: Usage): string {
  if (cost === null) return 'unknown'
  return unpricedCalls > 0 ? `$${cost} and more` : `$${cost}`
}

const dayMs = 86_400_000

/** Also days and weeks, which no field of a resource has. Throws AMX-1001. */
function windowMs(text: string): number {
  const [, amount, unit] = /^(\d{1,5})([dw])$/.exec(text) ?? []
  if (amount === undefined) return parseDurationMs(text, '--window')
  return Number(amount) * (unit === 'w' ? 7 * dayMs : dayMs)
}
