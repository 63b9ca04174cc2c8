import type { RunEvent } from '@amx/api'

/** Batches drafted, and those known of; more become known as tables are profiled and schemas described. */
export interface BatchCount {
  readonly done: number
  readonly known: number
}

export const noBatches: BatchCount = { done: 0, known: 0 }

/** The count after one more event of the run. Pure. */
export function countBatches({ done, known }: BatchCount, { type, data }: RunEvent): BatchCount {
  switch (type) {
    case 'ScopeResolved':
    case 'TableProfiled':
      return { done, known: known + (typeof data['draftUnits'] === 'number' ? data['draftUnits'] : 0) }
    case 'BatchDrafted':
      // A schema or the database is a batch of its own, known of once it is done.
      return { done: done + 1, known: data['kind'] === undefined ? known : known + 1 }
    default:
      return { done, known }
  }
}
