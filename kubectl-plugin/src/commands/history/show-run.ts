import type { RunDetail } from '@amx/api'
import { Command } from 'commander'
import { stringify } from 'yaml'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print } from '../../command-io.ts'
import { counted, dollars, grouped, spokenDuration, toSecond } from '../../output/figures.ts'
import { isValueFormat, printValue, type ValueFormat, valueOutputOption } from '../../output/output-format.ts'
import { harmless } from '../../output/paint.ts'
import { formatTable } from '../../output/table.ts'
import { parseRunReference } from '../../results/run-reference.ts'

interface Options {
  readonly settings?: boolean
  readonly output: 'table' | ValueFormat
}

/** `history show RUN`: everything about a run but its rows. */
export function showRunCommand(io: CommandIO): Command {
  return new Command('show')
    .description(
      'show all about a run but its rows: scope, cost then and now, decisions, what it wrote, settings as frozen',
    )
    .argument('<run>', 'name of the run, or name@uid for an older one of that name')
    .option('--settings', 'also every setting as it was frozen when the run began')
    .addOption(valueOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string], Options> = async ({ io, connect }, [reference], options) => {
  const { name, ...older } = parseRunReference(reference)
  const { namespace, server: reach } = await connect()
  const detail = await (await reach()).runDetail(namespace, name, older)
  if (isValueFormat(options.output)) return printValue(io, detail, options.output)
  const facts = factsOf(detail).filter(([, fact]) => fact !== '')
  const width = Math.max(...facts.map(([head]) => head.length))
  print(io, ...facts.map(([head, fact]) => `${head.padEnd(width)}   ${harmless(fact)}`))
  if (detail.decisions.length > 0) print(io, '', 'Decisions', ...decisionTable(detail))
  if (detail.descendants.length > 0) print(io, '', 'Runs after it', ...descendantTable(detail))
  if (options.settings)
    print(io, '', 'Settings', ...stringify(detail.settings, { lineWidth: 0 }).trimEnd().split('\n').map(harmless))
}

type Fact = readonly [head: string, fact: string]

function factsOf({ summary, settings, draftedAt, edited, costToday, source, written }: RunDetail): Fact[] {
  const { columns, confidence, review, cost, explanation, finishedAt, startedAt } = summary
  const span = (to: string | null) =>
    to === null ? '' : ` (${spokenDuration(Date.parse(to) - Date.parse(startedAt))})`
  return [
    ['Run', `${summary.name} (${summary.uid})`],
    ['Type', source === null ? summary.type : `${summary.type} of ${source.name}`],
    ['Phase', summary.archivedAt ? `${summary.phase}; its object was deleted at ${summary.archivedAt}` : summary.phase],
    ['Because', because(explanation)],
    ['Origin', summary.origin ?? ''],
    ['Scope', summary.scope],
    ['Databases', summary.databaseProfiles.join(', ')],
    [
      'Model',
      settings.model === null
        ? ''
        : `${settings.model.provider}/${settings.model.model} by ${settings.model.profileName}`,
    ],
    ['Started', toSecond(startedAt)],
    ['Drafted', draftedAt === null ? '' : `${toSecond(draftedAt)}${span(draftedAt)}`],
    ['Finished', finishedAt === null ? '' : `${toSecond(finishedAt)}${span(finishedAt)}`],
    ['Tables', `${grouped(summary.tables.settled)} of ${grouped(summary.tables.total)}`],
    [
      'Columns',
      `${grouped(columns.drafted)} of ${grouped(columns.planned)} drafted, ${columns.skipped} left out, ${columns.failed} failed`,
    ],
    [
      'Confidence',
      `high ${confidence.high} · medium ${confidence.medium} · low ${confidence.low}${confidence.mean === null ? '' : ` · mean ${confidence.mean.toFixed(2)}`}`,
    ],
    [
      'Review',
      `${review.accepted} accepted (${edited} in own words) · ${review.rejected} rejected · ${review.skipped} skipped · ${review.unreviewed} not looked at · ${review.queued} queued`,
    ],
    [
      'Tokens',
      `${grouped(cost.inputTokens)} in (${grouped(cost.cachedInputTokens)} cached) / ${grouped(cost.outputTokens)} out in ${counted(cost.calls, 'call')}`,
    ],
    [
      'Cost',
      `${cost.amount === null ? 'unknown' : dollars(cost.amount)} then${cost.priceTable === null ? '' : ` (price table ${cost.priceTable})`}, ${costToday === null ? 'unknown' : dollars(costToday)} by the prices of now`,
    ],
    ['Written', outcomes(written.outcomes, written.appliedBy)],
    ['Shown only', outcomes(written.dryRun, written.appliedBy)],
    [
      'Settings',
      `${summary.settingsDigest ?? ''} by prompts ${settings.promptVersion}, operator ${settings.operatorVersion}`,
    ],
  ]
}

function because(explanation: RunDetail['summary']['explanation']): string {
  if (explanation === null || explanation === undefined) return ''
  const { reason, code, message, remedy } = explanation
  return [`${code ?? reason}: ${message}`, remedy ?? ''].filter(Boolean).join(' · ')
}

function outcomes(counts: Readonly<Record<string, number>>, appliedBy: readonly string[]): string {
  const listed = Object.entries(counts).map(([outcome, number]) => `${grouped(number)} ${outcome}`)
  return listed.length === 0 ? '' : `${listed.join(', ')} by ${appliedBy.join(', ')}`
}

function decisionTable({ decisions }: RunDetail): string[] {
  const lines = decisions.map((decision) => [
    toSecond(decision.recordedAt),
    decision.reviewer,
    decision.refused === null
      ? `${decision.accepted} accepted, ${decision.rejected} rejected, ${decision.skipped} skipped, ${decision.restored} restored`
      : `refused: ${decision.refused}`,
    decision.comment,
  ])
  return formatTable(['when', 'who', 'what', 'comment'], lines)
}

function descendantTable({ descendants }: RunDetail): string[] {
  const lines = descendants.map(({ name, type, phase, startedAt, applied, failed }) => [
    name,
    type,
    phase,
    toSecond(startedAt),
    failed === 0 ? String(applied) : `${applied}, ${failed} failed`,
  ])
  return formatTable(['name', 'type', 'phase', 'started', 'written'], lines)
}
