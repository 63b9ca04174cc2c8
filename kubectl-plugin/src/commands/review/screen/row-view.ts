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

/** Rows of a group in their order, before any filter. */
export interface RowGroup {
  /** Null where rows are not grouped: then it has no head. */
  readonly key: string | null
  readonly rows: readonly ResultRow[]
}

export interface ViewOptions {
  /** Null shows all rows. */
  readonly filter: RowFilter | null
  readonly closed: ReadonlySet<string>
  readonly verdicts: ReadonlyMap<string, Verdict>
}

/** What a filter leaves of groups, and the heads of those that are left. Pure. */
export function viewOf(groups: readonly RowGroup[], { filter, closed, verdicts }: ViewOptions): RowView {
  const rows: ResultRow[] = []
  const entries: Entry[] = []
  for (const group of groups) {
    const members = filter === null ? group.rows : group.rows.filter((row) => filter(row, verdicts.get(row.id)))
    if (members.length === 0) continue
    const { key } = group
    const open = key === null || !closed.has(key)
    if (key !== null) entries.push({ kind: 'group', key, rows: members, open })
    for (const row of members) {
      rows.push(row)
      if (open) entries.push({ kind: 'row', row })
    }
  }
  return { entries, rows }
}

/**
 * Sorted rows in groups, which stand in the order of their names; the order of the rows holds within each. No filter changes
 * the groups, so they are made only when rows come or the order changes. Pure.
 */
export function groupRows(sorted: readonly ResultRow[], grouping: Grouping): readonly RowGroup[] {
  if (grouping === 'none') return [{ key: null, rows: sorted }]
  const several = sorted.some(({ target }) => target !== sorted[0]?.target)
  const groups = new Map<string, ResultRow[]>()
  for (const row of sorted) {
    const key = groupKey(row, grouping, several)
    const members = groups.get(key)
    if (members === undefined) groups.set(key, [row])
    else members.push(row)
  }
  return [...groups]
    .map(([key, rows]) => ({ key, rows, order: groupOrder(rows) }))
    .sort((one, other) => compare(one.order, other.order))
}

/** Rows by path: part by part, what contains others before them. Pure. */
export function inPathOrder(rows: readonly ResultRow[]): readonly ResultRow[] {
  return rows.toSorted(
    (one, other) => compare(one.target, other.target) || compare(rowFacts(one).order, rowFacts(other).order),
  )
}

/** Rows that are in the order of their paths, in another order; those that are equal in it stay as they are. Pure. */
export function sortRows(
  byPath: readonly ResultRow[],
  sort: Sort,
  verdicts: ReadonlyMap<string, Verdict>,
): readonly ResultRow[] {
  if (sort === 'path') return byPath
  // Many rows have equal keys: only different keys are compared.
  const byKey = new Map<string | number, ResultRow[]>()
  for (const row of byPath) {
    const key = sortKeys[sort](row, verdicts)
    const equal = byKey.get(key)
    if (equal === undefined) byKey.set(key, [row])
    else equal.push(row)
  }
  return [...byKey].sort(([one], [other]) => compare(one, other)).flatMap(([, rows]) => rows)
}

/** Groups of a list as it is, whether open or not. */
export function groupKeys({ entries }: RowView): string[] {
  return entries.flatMap((entry) => (entry.kind === 'group' ? [entry.key] : []))
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

const sortKeys: Readonly<Record<Exclude<Sort, 'path'>, SortKey>> = {
  confidence: ({ score }) => -(score ?? -1),
  name: (row) => rowFacts(row).name,
  unreviewed: (row, verdicts) => (verdicts.has(row.id) || row.state !== 'Unreviewed' ? 1 : 0),
  length: (row) => -rowFacts(row).length,
  alternatives: ({ alternatives }) => -alternatives.filter(({ fallback }) => !fallback).length,
}

function compare(one: string | number, other: string | number): number {
  return one < other ? -1 : one > other ? 1 : 0
}
