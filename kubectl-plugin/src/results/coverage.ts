import { formatAssetPath, parseAssetPath, type ResultRow } from '@amx/api'
import { groupedBy } from './grouped-by.ts'

/** What counts as described: a comment in the database, also an accepted text that is yet to be written, or also a draft. */
export const coverageBases = ['commented', 'accepted', 'drafted'] as const
export type CoverageBase = (typeof coverageBases)[number]

/** Figures about some assets. */
export interface Coverage {
  readonly assets: number
  readonly commented: number
  readonly accepted: number
  readonly drafted: number
  readonly high: number
  readonly medium: number
  /** Rows of the band Low that no person decided about and that are still to be used. */
  readonly low: number
  readonly unreviewed: number
  /** Rows whose text could not be written. */
  readonly failed: number
}

export interface PlaceCoverage extends Coverage {
  /** Database of the rows. */
  readonly target: string
  /** Schema or table; `*` for what belongs to the database itself. */
  readonly place: string
}

const written = ['Applied', 'AlreadyThere']
const unwritten = ['Drifted', 'Refused', 'Missing', 'Failed', 'Unknown']

/** Figures about rows. Pure. */
export function coverageOf(rows: readonly ResultRow[]): Coverage {
  const count = (holds: (row: ResultRow) => boolean) => rows.filter(holds).length
  return {
    assets: rows.length,
    commented: count(isCommented),
    accepted: count((row) => isCommented(row) || isAccepted(row)),
    drafted: count((row) => isCommented(row) || isAccepted(row) || isDrafted(row)),
    high: count(({ band }) => band === 'High'),
    medium: count(({ band }) => band === 'Medium'),
    low: count(isDoubtful),
    unreviewed: count((row) => isDrafted(row) && row.state === 'Unreviewed'),
    failed: count(({ applyOutcome }) => applyOutcome !== null && unwritten.includes(applyOutcome)),
  }
}

/** Share of the assets that are described, 0 to 1; 1 when there is no asset. */
export function shareOf(coverage: Coverage, base: CoverageBase): number {
  return coverage.assets === 0 ? 1 : coverage[base] / coverage.assets
}

/** A share as a percentage that is never rounded up to a whole that is not there: 99.96 % is 99.9%. */
export function percent(share: number): string {
  return `${(Math.floor(share * 1000 + 1e-9) / 10).toFixed(1)}%`
}

/** Figures per schema or per table, in the order of their names. Pure. */
export function coverageBy(rows: readonly ResultRow[], unit: 'schema' | 'table'): PlaceCoverage[] {
  const groups = groupedBy(rows, (row) => JSON.stringify([row.target, placeOf(row.path, unit)]))
  return [...groups]
    .map(([key, members]) => {
      const [target, place] = JSON.parse(key) as [string, string]
      return { target, place, ...coverageOf(members) }
    })
    .sort((one, other) => compare(one.target, other.target) || compare(one.place, other.place))
}

function placeOf(path: string, unit: 'schema' | 'table'): string {
  return formatAssetPath(parseAssetPath(path).slice(0, unit === 'schema' ? 1 : 2))
}

function isCommented({ existingComment, applyOutcome }: ResultRow): boolean {
  return (applyOutcome !== null && written.includes(applyOutcome)) || (existingComment ?? '').trim() !== ''
}

function isAccepted({ state }: ResultRow): boolean {
  return state === 'Accepted'
}

function isDrafted({ alternatives }: ResultRow): boolean {
  return alternatives.some(({ fallback }) => !fallback)
}

function isDoubtful({ band, state, decidedBy }: ResultRow): boolean {
  if (band !== 'Low' || state === 'Skipped' || state === 'Rejected') return false
  // What a run accepted by its own policy, nobody looked at.
  return state === 'Unreviewed' || decidedBy === null || decidedBy.startsWith('policy:')
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
