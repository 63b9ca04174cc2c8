import type { ResultRow } from '@amx/api'
import type { Verdict } from '../verdict.ts'
import { rowFacts } from './row-facts.ts'
import type { RowFilter } from './row-filter.ts'

export const sorts = ['path', 'confidence', 'name', 'unreviewed', 'length', 'alternatives'] as const
export type Sort = (typeof sorts)[number]

export const groupings = ['none', 'table', 'schema'] as const
export type Grouping = (typeof groupings)[number]

export type Entry =
  | { readonly kind: 'row'; readonly row: ResultRow }
  | { readonly kind: 'group'; readonly key: string; readonly rows: readonly ResultRow[]; readonly open: boolean }

/** The list as it is shown: what the filter leaves, in order, with the heads of groups. */
export interface RowView {
  readonly entries: readonly Entry[]
  /** All rows the filter leaves, also those of groups that are closed. */
  readonly rows: readonly ResultRow[]
}

export interface ViewOptions {
  readonly filter: RowFilter
  readonly grouping: Grouping
  readonly closed: ReadonlySet<string>
  readonly verdicts: ReadonlyMap<string, Verdict>
}

/** Filters and groups rows, which keep their order. Pure. */
export function viewOf(sorted: readonly ResultRow[], options: ViewOptions): RowView {
  const { filter, grouping, closed, verdicts } = options
  const rows = sorted.filter((row) => filter(row, verdicts.get(row.id)))
  if (grouping === 'none') return { rows, entries: rows.map(asEntry) }
  const several = rows.some(({ target }) => target !== rows[0]?.target)
  const groups = new Map<string, ResultRow[]>()
  for (const row of rows) {
    const key = groupKey(row, grouping, several)
    const members = groups.get(key)
    if (members === undefined) groups.set(key, [row])
    else members.push(row)
  }
  // Groups stand in the order of their names; the order of the rows holds within each.
  const named = [...groups].map(([key, members]) => ({ key, members, order: groupOrder(members) }))
  const entries = named
    .sort((one, other) => compare(one.order, other.order))
    .flatMap(({ key, members }): Entry[] => {
      const open = !closed.has(key)
      return [{ kind: 'group', key, rows: members, open }, ...(open ? members.map(asEntry) : [])]
    })
  return { rows, entries }
}

/** Rows in an order; rows that are equal in it follow by path. Pure. */
export function sortRows(
  rows: readonly ResultRow[],
  sort: Sort,
  verdicts: ReadonlyMap<string, Verdict>,
): readonly ResultRow[] {
  // Keys are made once per row, not once per comparison: a screen of 10,000 rows sorts while nobody notices.
  const keyed = rows.map((row) => ({ row, key: sortKeys[sort](row, verdicts), order: rowFacts(row).order }))
  keyed.sort(
    (one, other) =>
      compare(one.key, other.key) || compare(one.order, other.order) || compare(one.row.target, other.row.target),
  )
  return keyed.map(({ row }) => row)
}

/** Groups of a list as it is, whether open or not. */
export function groupKeys({ entries }: RowView): string[] {
  return entries.flatMap((entry) => (entry.kind === 'group' ? [entry.key] : []))
}

function asEntry(row: ResultRow): Entry {
  return { kind: 'row', row }
}

function groupKey(row: ResultRow, grouping: 'table' | 'schema', several: boolean): string {
  const place = rowFacts(row)[grouping]
  return several ? `${row.databaseProfile ?? row.target}  ${place}` : place
}

function groupOrder([first]: readonly ResultRow[]): string {
  if (first === undefined) return ''
  return [first.target, ...rowFacts(first).parts.slice(0, 2)].join('\u0000')
}

type SortKey = (row: ResultRow, verdicts: ReadonlyMap<string, Verdict>) => string | number

const sortKeys: Readonly<Record<Sort, SortKey>> = {
  path: ({ target }) => target,
  confidence: ({ score }) => -(score ?? -1),
  name: (row) => rowFacts(row).name,
  unreviewed: (row, verdicts) => (verdicts.has(row.id) || row.state !== 'Unreviewed' ? 1 : 0),
  length: (row) => -rowFacts(row).length,
  alternatives: ({ alternatives }) => -alternatives.filter(({ fallback }) => !fallback).length,
}

function compare(one: string | number, other: string | number): number {
  return one < other ? -1 : one > other ? 1 : 0
}
