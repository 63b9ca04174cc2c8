import { roundedDollars, type UsageReport, type UsageRow, type UsageUnit, usageUnits } from '@amx/api'
import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import { formatCSV } from '../../output/csv.ts'
import { type FigureFormat, figureOutputOption, isValueFormat, printValue } from '../../output/output-format.ts'
import { formatTable } from '../../output/table.ts'

interface Options {
  readonly window: string
  readonly by: UsageUnit
  readonly today?: boolean
  readonly allNamespaces?: boolean
  readonly headers: boolean
  readonly output: FigureFormat
}

/** `usage`: calls, tokens and cost of a time. */
export function usageCommand(io: CommandIO): Command {
  return new Command('usage')
    .description('show calls, tokens and cost of what models were asked within a time')
    .option('--window <time>', 'how far to look back, such as 12h, 7d or 4w', '30d')
    .addOption(new Option('--by <unit>', 'what to add up by').choices(usageUnits).default('model'))
    .option('--today', 'also what the same calls would cost by the prices of now')
    .option('-A, --all-namespaces', 'calls of every namespace')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(figureOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[], Options> = async ({ io, connect }, _, options) => {
  const { by, window, today = false } = options
  const connection = await connect()
  const namespace = options.allNamespaces ? null : connection.namespace
  const server = await connection.server()
  const report = await server.usage(namespace, { window, by, today: today ? 'true' : 'false' })
  if (isValueFormat(options.output)) printValue(io, report, options.output)
  else if (options.output === 'csv') io.stdout.write(csv(report, options))
  else if (report.groups.length === 0) {
    const place = namespace === null ? 'any namespace' : `namespace "${namespace}"`
    remark(io, `No calls since ${report.since} in ${place}.`)
  } else printTable(io, report, options)
}

function printTable(io: CommandIO, { groups, total }: UsageReport, { by, today, headers }: Options): void {
  const lines = [...groups, total].map((row) => [
    row.group,
    ...figures(row).map(String),
    money(row.cost, row),
    ...(today ? [money(row.costToday ?? null, row)] : []),
  ])
  print(
    io,
    ...formatTable([by, ...figureHeads, 'cost', ...(today ? ['cost today'] : [])], lines, { noHeaders: !headers }),
  )
  const { unpricedCalls, unknownCalls } = total
  if (unpricedCalls > 0) remark(io, `${unpricedCalls} calls had no known price and are not in the cost`)
  if (unknownCalls > 0) remark(io, `${unknownCalls} calls were begun and lost; they may have been paid for`)
}

function csv({ groups }: UsageReport, { by, today }: Options): string {
  const heads = [
    by,
    ...figureHeads,
    'cost usd',
    ...(today ? ['cost today usd'] : []),
    'unpriced calls',
    'unknown calls',
  ]
  const lines = groups.map((row) => [
    row.group,
    ...figures(row),
    row.cost,
    ...(today ? [row.costToday ?? null] : []),
    row.unpricedCalls,
    row.unknownCalls,
  ])
  return formatCSV(heads, lines)
}

const figureHeads = ['runs', 'calls', 'cached replies', 'input', 'cached', 'output', 'reasoning'] as const

function figures(row: UsageRow): number[] {
  const { runs, calls, cachedReplies, inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = row
  return [runs, calls, cachedReplies, inputTokens, cachedInputTokens, outputTokens, reasoningTokens]
}

function money(cost: string | null, { calls, unpricedCalls, unknownCalls }: UsageRow): string {
  if (cost === null) return calls === 0 ? '$0' : 'unknown'
  return unpricedCalls + unknownCalls > 0 ? `$${roundedDollars(cost)} and more` : `$${roundedDollars(cost)}`
}
