import type { Diagnostics, LogLevel, LogPage } from '@amx/api'

/** Which log lines of a run are asked for. */
export interface LogQuery {
  readonly limit: number
  /** Id of the last line that is known. */
  readonly after?: string
  readonly stage?: string
  /** The least level. */
  readonly level?: LogLevel
  /** RFC 3339. */
  readonly since?: string
}

export type StoreState = Exclude<Diagnostics['store'], { error: string }>

/** What tells how a run and the store itself fare. */
export interface DiagnosticsStore {
  listLogs(runUid: string, query: LogQuery, signal?: AbortSignal): Promise<Omit<LogPage, 'finished'>>
  readState(signal?: AbortSignal): Promise<StoreState>
}
