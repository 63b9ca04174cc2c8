import type { StopReason, WorkUnit } from '@amx/api'

/** What a stage brings to the work loop. */
export interface StageProgram {
  /** Units held at once. */
  readonly concurrency: number
  /** Whether these units are enough to hold, however few they are. @default never */
  isEnough?(held: readonly WorkUnit[]): boolean
  /** Does one unit and posts its result; throws catalogue errors. */
  perform(unit: WorkUnit, signal: AbortSignal): Promise<void>
  /** The run stops: which held units are handed back at once; the others are waited for. @default none */
  onStop?(stop: StopReason): (unit: WorkUnit) => boolean
  /** Statements sent to warehouses and calls made to models so far. */
  figures(): Promise<{ readonly statements: number; readonly calls: number }>
  close(): Promise<void>
}
