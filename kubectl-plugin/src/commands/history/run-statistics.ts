import { type StatisticsRow, type StatisticsUnit, statisticsUnits } from '@amx/api'
import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, remark } from '../../command-io.ts'
import { counted, dollars, grouped, toSecond } from '../../output/figures.ts'
import { type ReportFormat, reportOutputOption } from '../../output/output-format.ts'
import { printReport, type ReportColumn } from '../../output/print-report.ts'

interface Options {
  readonly window: string
  readonly by: StatisticsUnit
  readonly headers: boolean
  readonly output: ReportFormat
}

/** `history stats`: what runs of a time made and what became of it. */
export function runStatisticsCommand(io: CommandIO): Command {
  return new Command('stats')
    .description(
      'add up what the runs of a time drafted, how much of it was accepted, edited and written, and what it cost',
    )
    .option('--window <time>', 'runs that began within: today, all, or such as 12h, 7d or 4w', '30d')
    .addOption(new Option('--by <unit>', 'what to add up by').choices(statisticsUnits).default('model'))
    .option('--no-headers', 'without the heads of the columns')
    .addOption(reportOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[], Options> = async ({ io, connect }, _, options) => {
  const { window, by } = options
  const { namespace, server: reach } = await connect()
  const report = await (await reach()).runStatistics(namespace, { window, by })
  if (report.groups.length === 0 && options.output === 'table') {
    return remark(io, `No run began since ${toSecond(report.since)} in namespace "${namespace}".`)
  }
  const lines = options.output === 'csv' ? report.groups : [...report.groups, report.total]
  printReport(io, report, lines, [{ head: by, shown: ({ group }) => group }, ...figures], options)
  if (report.total.unpricedCalls > 0)
    remark(io, `${counted(report.total.unpricedCalls, 'call')} without a known price: not in the cost`)
}

const figures: readonly ReportColumn<StatisticsRow>[] = [
  count('runs', ({ runs }) => runs),
  count('failed', ({ failedRuns }) => failedRuns),
  count('columns', ({ columnsDrafted }) => columnsDrafted),
  count('accepted', ({ accepted }) => accepted),
  { ...count('by policy', ({ acceptedByPolicy }) => acceptedByPolicy) },
  count('edited', ({ edited }) => edited),
  count('rejected', ({ rejected }) => rejected),
  count('written', ({ written }) => written),
  {
    head: 'accepted of decided',
    shown: ({ acceptanceRate }) => percent(acceptanceRate),
    plain: ({ acceptanceRate }) => acceptanceRate,
  },
  {
    head: 'confidence',
    shown: ({ meanConfidence }) => meanConfidence?.toFixed(2) ?? '-',
    plain: ({ meanConfidence }) => meanConfidence,
  },
  { head: 'cost', shown: ({ cost, calls }) => money(cost, calls), plain: ({ cost }) => cost },
  {
    head: 'cost per accepted',
    shown: ({ costPerAccepted }) => (costPerAccepted === null ? '-' : dollars(costPerAccepted)),
    plain: ({ costPerAccepted }) => costPerAccepted,
  },
  {
    head: 'input tokens',
    inFiles: true,
    shown: ({ inputTokens }) => grouped(inputTokens),
    plain: ({ inputTokens }) => inputTokens,
  },
  {
    head: 'output tokens',
    inFiles: true,
    shown: ({ outputTokens }) => grouped(outputTokens),
    plain: ({ outputTokens }) => outputTokens,
  },
]

function count(head: string, value: (row: StatisticsRow) => number): ReportColumn<StatisticsRow> {
  return { head, shown: (row) => grouped(value(row)), plain: value }
}

function percent(share: number | null): string {
  return share === null ? '-' : `${Math.round(share * 100)}%`
}

function money(cost: string | null, calls: number): string {
  if (cost !== null) return dollars(cost)
  return calls === 0 ? dollars('0') : 'unknown'
}
