import type { ResultRow } from '@amx/api'
import type { Verdict } from '../verdict.ts'
import { comparePaths, rowFacts } from './row-facts.ts'
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
  readonly sort: Sort
  readonly grouping: Grouping
  readonly closed: ReadonlySet<string>
  readonly verdicts: ReadonlyMap<string, Verdict>
}

/** Filters, sorts and groups rows. Pure. */
export function viewOf(all: readonly ResultRow[], options: ViewOptions): RowView {
  const { filter, sort, grouping, closed, verdicts } = options
  const order = orders[sort]
  const rows = all
    .filter((row) => filter(row, verdicts.get(row.id)))
    .sort((one, other) => order(one, other, verdicts) || byPath(one, other) || byTarget(one, other))
  if (grouping === 'none') return { rows, entries: rows.map((row) => ({ kind: 'row', row })) }
  const several = new Set(rows.map(({ target }) => target)).size > 1
  const groups = new Map<string, ResultRow[]>()
  for (const row of rows) {
    const key = groupKey(row, grouping, several)
    const members = groups.get(key)
    if (members === undefined) groups.set(key, [row])
    else members.push(row)
  }
  // Groups stand in the order of their names; the order asked for holds within each.
  const keys = [...groups.keys()].sort((one, other) => byGroup(groups, one, other))
  const entries = keys.flatMap((key): Entry[] => {
    const members = groups.get(key) ?? []
    const open = !closed.has(key)
    return [{ kind: 'group', key, rows: members, open }, ...(open ? members.map(asEntry) : [])]
  })
  return { rows, entries }
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

function byGroup(groups: ReadonlyMap<string, readonly ResultRow[]>, one: string, other: string): number {
  const [left] = groups.get(one) ?? []
  const [right] = groups.get(other) ?? []
  if (left === undefined || right === undefined) return 0
  return byTarget(left, right) || comparePaths(rowFacts(left).parts.slice(0, 2), rowFacts(right).parts.slice(0, 2))
}

type Order = (one: ResultRow, other: ResultRow, verdicts: ReadonlyMap<string, Verdict>) => number

const orders: Readonly<Record<Sort, Order>> = {
  path: byTarget,
  confidence: (one, other) => (other.score ?? -1) - (one.score ?? -1),
  name: (one, other) => compare(rowFacts(one).name, rowFacts(other).name),
  unreviewed: (one, other, verdicts) => Number(isDecided(one, verdicts)) - Number(isDecided(other, verdicts)),
  length: (one, other) => rowFacts(other).length - rowFacts(one).length,
  alternatives: (one, other) => drafted(other) - drafted(one),
}

function isDecided(row: ResultRow, verdicts: ReadonlyMap<string, Verdict>): boolean {
  return verdicts.has(row.id) || row.state !== 'Unreviewed'
}

function drafted({ alternatives }: ResultRow): number {
  return alternatives.filter(({ fallback }) => !fallback).length
}

function byPath(one: ResultRow, other: ResultRow): number {
  return comparePaths(rowFacts(one).parts, rowFacts(other).parts)
}

function byTarget(one: ResultRow, other: ResultRow): number {
  return compare(one.target, other.target)
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
