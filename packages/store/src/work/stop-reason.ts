import type { StopReason } from '@amx/api'

export interface StopRow {
  readonly desired_state: string
  readonly phase: string
  readonly finished: boolean
  readonly archived: boolean
  readonly fatal: boolean
  readonly over_budget: boolean
}

/** Of `amx.runs r`. */
export const stopColumns = `r.desired_state, r.phase, r.finished, r.archived_at is not null as archived,
  r.fatal_error is not null as fatal, r.budget_error is not null as over_budget`

/** Why workers of a run must stop; null while it goes on. */
export function readStop(row: StopRow): StopReason | null {
  if (row.desired_state === 'Cancel' || row.archived) return 'Cancel'
  if (row.fatal) return 'Failed'
  if (row.finished && row.phase === 'Cancelled') return 'Cancel'
  if (row.finished && row.phase === 'Failed') return 'Failed'
  return row.desired_state === 'Suspend' ? 'Suspend' : null
}
