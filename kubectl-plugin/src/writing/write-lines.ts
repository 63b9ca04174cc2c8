import { type AuditRow, commentNouns, type PreviewRow, type PreviewTotals } from '@amx/api'
import { counted } from '../output/figures.ts'
import { harmless } from '../output/paint.ts'
import { cutTo } from '../output/table.ts'

/** What is queued, as a person is told before the question. */
export function pendingLines(totals: PreviewTotals): string[] {
  const { tables, firstTables, beingWritten } = totals
  const more = tables > firstTables.length ? ` and ${counted(tables - firstTables.length, 'more table')}` : ''
  const scope = firstTables.length > 0 ? `${firstTables.join(', ')}${more}` : databasesOf(totals)
  return [
    'Pending in the review queue:',
    `  scope:      ${harmless(scope)}`,
    `  total:      ${kindsOf(totals)}`,
    `  target:     ${harmless(databasesOf(totals))}`,
    '  apply via:  COMMENT ON … (PostgreSQL)',
    ...(beingWritten > 0 ? [`  left out:   ${counted(beingWritten, 'row')} that another run is writing`] : []),
  ]
}

/** `36 column descriptions + 2 table descriptions`. */
function kindsOf({ columns, relations, containers }: PreviewTotals): string {
  const parts = [
    columns > 0 ? counted(columns, 'column description') : '',
    relations > 0 ? counted(relations, 'table description') : '',
    containers > 0 ? counted(containers, 'schema or database description', 'schema and database descriptions') : '',
  ].filter((part) => part !== '')
  return parts.join(' + ')
}

/** `prod-pg/analytics`, as many as there are. */
export function databasesOf({ databases }: Pick<PreviewTotals, 'databases'>): string {
  const names = databases.map(({ databaseProfile, database }) =>
    database === null ? databaseProfile : `${databaseProfile}/${database}`,
  )
  return names.join(', ')
}

/** `[1/38] COMMENT ON TABLE "sales"."customer" IS :comment`, with the text below it. */
export function previewLines(row: PreviewRow, place: string, width: number): string[] {
  if (row.statement === null)
    return [harmless(`${place} ${row.path} (skipped: ${row.skipped ?? 'it has no statement'})`)]
  return [harmless(`${place} ${row.statement}`), cutTo(`      :comment = ${harmless(row.text)}`, width)]
}

const textWidth = 44

/** `COMMENT ON COLUMN sales.customer.id IS 'Surrogate key …'; ok`. */
export function writtenLine(row: AuditRow): string {
  const text = row.newText === '' ? 'NULL' : `'${cutTo(harmless(row.newText), textWidth)}'`
  return harmless(`COMMENT ON ${commentNouns[row.kind]} ${row.path} IS ${text}; ${outcomeOf(row)}`)
}

function outcomeOf({ outcome, dryRun, problem }: AuditRow): string {
  if (outcome === 'Applied') return dryRun ? 'would be written' : 'ok'
  if (outcome === 'AlreadyThere') return 'there already'
  if (outcome === 'Drifted') return 'left alone: the comment changed meanwhile'
  return `${outcome.toLowerCase()}: ${problem?.driverMessage ?? problem?.message ?? 'no reason was given'}`
}

/** What happened in the end: `36/38 written, 2 failed.`, and each row that was not written with what to do about it. */
export function endLines(
  run: string,
  {
    total,
    done,
    unwritten,
  }: { readonly total: number; readonly done: number; readonly unwritten: readonly AuditRow[] },
  words: { readonly done: string; readonly kept: string; readonly cancelled: boolean },
): string[] {
  const audit = `kubectl amx audit ${run}`
  if (words.cancelled) return [`${done}/${total} ${words.done} before it was cancelled; ${words.kept}. Audit: ${audit}`]
  if (unwritten.length === 0) return [`${done}/${total} ${words.done}. Audit: ${audit}`]
  return [
    `${done}/${total} ${words.done}, ${troubleOf(unwritten)}.`,
    ...unwritten.flatMap(failureLines),
    `Then run it again: ${words.kept}. Audit: ${audit}`,
  ]
}

function troubleOf(rows: readonly AuditRow[]): string {
  const changed = rows.filter(({ outcome }) => outcome === 'Drifted').length
  const parts = [
    changed < rows.length ? `${rows.length - changed} failed` : '',
    changed > 0 ? `${changed} left alone because the comment changed meanwhile` : '',
  ].filter((part) => part !== '')
  return parts.join(', ')
}

function failureLines({ path, outcome, problem }: AuditRow): string[] {
  if (problem === null || problem === undefined) return [harmless(`- ${path}: ${outcome}`)]
  return [
    harmless(problem.message.startsWith(path) ? `- ${problem.message}` : `- ${path}: ${problem.message}`),
    ...(problem.remedy === '' ? [] : [`    ${harmless(problem.remedy)}`]),
    ...(problem.driverMessage === null ? [] : [`    the database said: ${harmless(problem.driverMessage)}`]),
  ]
}
