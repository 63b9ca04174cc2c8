import type { QueueRow } from '@amx/api'
import { formatCSV } from '../../output/csv.ts'
import { toSecond } from '../../output/figures.ts'
import { cutTo, formatTable } from '../../output/table.ts'

/** Entries of the queue as a table, errors where there are some; `wide` leaves texts whole and adds run, kind and id. */
export function queueTable(
  rows: readonly QueueRow[],
  options: {
    readonly wide?: boolean
    readonly noHeaders?: boolean
    readonly now: Date
    /** Columns to fit into; null, or left out, leaves nothing out. */
    readonly width?: number | null
  },
): string[] {
  const { wide = false, now, width = null } = options
  const failed = rows.some(({ error }) => error !== null)
  const heads = [
    ...['target', 'asset', 'by', 'when', 'state'],
    ...(failed ? ['error'] : []),
    ...(wide ? ['run', 'kind', 'id'] : []),
    'text',
  ]
  const lines = rows.map((row) => [
    row.databaseProfile ?? row.target,
    row.path,
    row.decidedBy,
    wide ? toSecond(row.decidedAt) : age(row.decidedAt, now),
    row.state,
    ...(failed ? [row.error ?? '-'] : []),
    ...(wide ? [row.run.name, row.kind, row.id] : []),
    wide || width !== null ? row.text : cutTo(row.text.replaceAll(/\s+/g, ' '), 60),
  ])
  return formatTable(heads, lines, { noHeaders: options.noHeaders ?? false, width: wide ? null : width })
}

/** Entries of the queue as a CSV file. */
export function queueCSV(rows: readonly QueueRow[]): string {
  const heads = ['target', 'asset', 'kind', 'text', 'by', 'when', 'state', 'error', 'run', 'id']
  return formatCSV(
    heads,
    rows.map((row) => [
      row.databaseProfile ?? row.target,
      row.path,
      row.kind,
      row.text,
      row.decidedBy,
      row.decidedAt,
      row.state,
      row.error,
      row.run.name,
      row.id,
    ]),
  )
}

function age(time: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(time)) / 1000))
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`
}
