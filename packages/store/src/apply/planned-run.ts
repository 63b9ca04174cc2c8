import type { RunType, TargetSettings } from '@amx/api'
import type { RunSelection } from '../contract.ts'

/** Rows of one table written in one transaction of the warehouse. */
export const rowsPerUnit = 2_000

/** What planning has to know of a run. */
export interface PlannedRun {
  readonly uid: string
  readonly name: string
  readonly namespace: string
  readonly type: RunType
  readonly source_run_uid: string | null
  readonly selection: RunSelection | null
  readonly requested_by: string | null
  readonly targets: readonly Pick<TargetSettings, 'databaseKey' | 'scope'>[]
  readonly policy: 'Never' | 'OnAccept'
  readonly dry_run: boolean
}
