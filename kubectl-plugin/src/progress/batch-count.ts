import type { RunEvent } from '@amx/api'

/** Batches drafted, and those known of; more become known as tables are profiled. */
export interface BatchCount {
  readonly done: number
  readonly known: number
  /** Tables whose batches are counted in `known`. */
  readonly tables: ReadonlySet<string>
}

export const noBatches: BatchCount = { done: 0, known: 0, tables: new Set() }

/** The count after one more event of the run. Pure. */
export function countBatches(count: BatchCount, { type, data }: RunEvent): BatchCount {
  const table = String(data['table'] ?? '')
  if (type === 'TableProfiled') return withTable(count, table, numberOf(data['draftUnits']))
  if (type !== 'BatchDrafted') return count
  // Schemas, and tables whose profile was read before, announce their batches with the first that is done.
  const { known, tables } = withTable(count, table, numberOf(data['batches']))
  return { done: count.done + 1, known, tables }
}

function withTable(count: BatchCount, table: string, batches: number): BatchCount {
  if (count.tables.has(table)) return count
  return { ...count, known: count.known + batches, tables: new Set([...count.tables, table]) }
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
