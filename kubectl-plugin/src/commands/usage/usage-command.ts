import { roundedDollars, type UsageReport, type UsageRow, type UsageUnit, usageUnits } from '@amx/api'
import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark, screenWidth } from '../../command-io.ts'
import { formatCSV } from '../../output/csv.ts'
import { counted, toSecond } from '../../output/figures.ts'
import { markdownTable } from '../../output/markdown-table.ts'
import { isValueFormat, printValue, type ReportFormat, reportOutputOption } from '../../output/output-format.ts'
import { formatTable } from '../../output/table.ts'

interface Options {
  readonly window: string
  readonly by: UsageUnit
  readonly live?: boolean
  readonly today?: boolean
  readonly allNamespaces?: boolean
  readonly headers: boolean
  readonly output: ReportFormat
}

/** `usage`: calls, tokens and cost of a time. */
export function usageCommand(io: CommandIO): Command {
  return new Command('usage')
    .description('show calls, tokens and cost of what models were asked within a time')
    .option('--window <time>', 'how far to look back: today (UTC), all, or such as 24h, 7d or 4w', '30d')
    .addOption(new Option('--by <unit>', 'what to add up by').choices(usageUnits).default('model'))
    .option('--live', 'also what the same calls would cost by the prices of now')
    .addOption(new Option('--today', 'the same as --live').hideHelp())
    .option('-A, --all-namespaces', 'calls of every namespace')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(reportOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[], Options> = async ({ io, connect }, _, options) => {
  const { by, window } = options
  const live = options.live === true || options.today === true
  const connection = await connect()
  const namespace = options.allNamespaces ? null : connection.namespace
  const server = await connection.server()
  const report = await server.usage(namespace, { window, by, today: live ? 'true' : 'false' })
  if (isValueFormat(options.output)) printValue(io, report, options.output)
  else if (options.output === 'csv') io.stdout.write(csv(report, by, live))
  else if (report.groups.length === 0) {
    const place = namespace === null ? 'any namespace' : `namespace "${namespace}"`
    remark(io, `No calls of a model since ${toSecond(report.since)} in ${place}.`)
  } else printTable(io, report, { ...options, live })
}

function printTable(
  io: CommandIO,
  { groups, total }: UsageReport,
  { by, live, headers, output }: Options & { readonly live: boolean },
): void {
  const lines = [...groups, total].map((row) => [
    row.group,
    ...figures(row).map(String),
    money(row.cost, row),
    ...(live ? [money(row.costToday ?? null, row)] : []),
  ])
  const heads = [by, ...figureHeads, 'cost', ...(live ? ['cost today'] : [])]
  print(
    io,
    ...(output === 'md'
      ? markdownTable(heads, lines)
      : formatTable(heads, lines, { noHeaders: !headers, width: screenWidth(io) })),
  )
  const { unpricedCalls, unknownCalls } = total
  if (unpricedCalls > 0) remark(io, `${counted(unpricedCalls, 'call')} without a known price: not in the cost`)
  if (unknownCalls > 0) remark(io, `${counted(unknownCalls, 'call')} begun and lost, perhaps paid for`)
}

function csv({ groups }: UsageReport, by: UsageUnit, live: boolean): string {
  const heads = [by, ...figureHeads, 'cost usd', ...(live ? ['cost today usd'] : []), 'unpriced calls', 'unknown calls']
  const lines = groups.map((row) => [
    row.group,
    ...figures(row),
    row.cost,
    ...(live ? [row.costToday ?? null] : []),
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
