import type { catalogChanges, ErrorReport, MetadataSchedule, RunPhase } from '@amx/api'

/** A run of the schedule, as far as decisions need it. */
export interface RunView {
  readonly name: string
  readonly phase: RunPhase | undefined
  /** Whether it looks at the catalog for onChange. */
  readonly isCheck: boolean
  readonly createdAtMs: number
  readonly deleting: boolean
  /** What it waits for before it can begin, in its own words; null when it waits for nothing. */
  readonly trouble: string | null
  /** Whether it is the operator's to delete once it has ended. */
  readonly collectable: boolean
}

/** What became of a table, or of one of its columns. */
export interface CatalogChange {
  /** Which target of the template. */
  readonly target: number
  /** Canonical path of the table. */
  readonly table: string
  readonly kind: string
  /** null: the table itself. */
  readonly column: string | null
  readonly change: (typeof catalogChanges)[number]
}

/** What a look at the catalog came to. */
export type CatalogView =
  | { readonly kind: 'Read'; readonly position: number; readonly changes: readonly CatalogChange[] }
  | { readonly kind: 'Failed'; readonly error: ErrorReport }
  | { readonly kind: 'Unavailable'; readonly error: ErrorReport }

/** Everything a decision about a schedule is made from. */
export interface ScheduleObserved {
  readonly schedule: MetadataSchedule
  /** Digest of what says when it fires. */
  readonly timing: string
  /** When its spec was changed last, by the API server's clock; of meaning where `timing` is another than the status has. */
  readonly changedAtMs: number
  readonly runs: readonly RunView[]
  /** Of the look that has ended; null while there is none. */
  readonly catalog: CatalogView | null
  readonly nowMs: number
}
