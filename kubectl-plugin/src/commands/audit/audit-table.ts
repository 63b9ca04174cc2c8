import type { AuditRow } from '@amx/api'
import { formatCSV } from '../../output/csv.ts'
import { toSecond } from '../../output/figures.ts'
import { harmless } from '../../output/paint.ts'
import { cutTo, displayWidth, formatTable } from '../../output/table.ts'

export interface AuditTableOptions {
  readonly headers: boolean
  /** Columns of the screen; null where no person reads it. */
  readonly width: number | null
}

/**
 * Entries of the audit as a table, a heading per day; without headings each line has the whole time. A screen that is too narrow for
 * the table gets an entry on several lines, so that the texts before and after can be read.
 */
export function auditTable(rows: readonly AuditRow[], { headers, width }: AuditTableOptions): string[] {
  if (!headers)
    return formatTable(
      heads,
      rows.map((row) => cellsOf(row, timeOf(row))),
      { noHeaders: true },
    )
  // One table, so that the columns of all days stand below each other.
  const [head = '', ...lines] = formatTable(
    heads,
    rows.map((row) => cellsOf(row, timeOf(row).slice(11, 19))),
  )
  const days = rows.map((row) => timeOf(row).slice(0, 10))
  const dayBefore = (index: number) => (days[index] === days[index - 1] ? [] : [days[index] ?? ''])
  if (width !== null && [head, ...lines].some((line) => displayWidth(line) > width)) {
    return rows.flatMap((row, index) => [...dayBefore(index), ...blockOf(row, width)])
  }
  return [head, ...lines.flatMap((line, index) => [...dayBefore(index), line])]
}

function blockOf(row: AuditRow, width: number): string[] {
  const cells = cellsOf(row, timeOf(row).slice(11, 19)).map(harmless)
  const [time, run, target, asset, outcome, decidedBy, appliedBy, before, after] = cells
  const indent = ' '.repeat(10)
  return [
    `${time}  ${asset}  ${outcome}`,
    `${indent}run ${run} on ${target}`,
    `${indent}decided by ${decidedBy}, applied by ${appliedBy}`,
    ...hanging(`${indent}before  `, before ?? '', width),
    ...hanging(`${indent}after   `, after ?? '', width),
  ].map((line) => cutTo(line, width))
}

/** A text in lines that stand below its first word. */
function hanging(head: string, text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && displayWidth(`${head}${line} ${word}`) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((one, index) => (index === 0 ? head : ' '.repeat(head.length)) + one)
}

const heads = ['time', 'run', 'target', 'asset', 'outcome', 'decided by', 'applied by', 'before', 'after']

function timeOf({ appliedAt }: AuditRow): string {
  return toSecond(appliedAt)
}

function cellsOf(row: AuditRow, time: string): string[] {
  return [
    time,
    row.run.name,
    row.databaseProfile,
    row.path,
    outcomeOf(row),
    row.decidedBy,
    row.appliedBy,
    row.oldText ?? '-',
    `${row.newText === '' ? '-' : row.newText}${row.error === null ? '' : ` (${row.error})`}`,
  ]
}

function outcomeOf({ outcome, dryRun, undoes, undoneBy }: AuditRow): string {
  const notes = [
    dryRun ? 'dry run' : '',
    undoes === null ? '' : `undoes ${undoes.name}`,
    undoneBy === null ? '' : `undone by ${undoneBy.name}`,
  ].filter((note) => note !== '')
  return notes.length === 0 ? outcome : `${outcome} (${notes.join(', ')})`
}

/** Entries of the audit as a CSV file. */
export function auditCSV(rows: readonly AuditRow[]): string {
  const columns = [
    'when',
    'run',
    'run type',
    'target',
    'database profile',
    'asset',
    'kind',
    'outcome',
    'dry run',
    'decided by',
    'applied by',
    'before',
    'after',
    'statement',
    'error',
    'remedy',
    'undoes',
    'undone by',
  ]
  return formatCSV(
    columns,
    rows.map((row) => [
      row.appliedAt,
      row.run.name,
      row.run.type,
      row.target,
      row.databaseProfile,
      row.path,
      row.kind,
      row.outcome,
      row.dryRun ? 'yes' : 'no',
      row.decidedBy,
      row.appliedBy,
      row.oldText,
      row.newText,
      row.statement,
      row.error,
      row.problem?.remedy ?? null,
      row.undoes?.name ?? null,
      row.undoneBy?.name ?? null,
    ]),
  )
}
