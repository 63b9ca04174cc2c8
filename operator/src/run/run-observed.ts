import type { Budget, ErrorReport, MetadataRun, RunSummary, Stage, WorkerSummary } from '@amx/api'
import type { BeginRunRequest, RunObservation } from '@amx/store'

/** Whether a run that has not begun can begin, worked out from its spec and the objects it refers to. */
export type Preparation =
  | { readonly kind: 'Ready'; readonly begin: BeginRunRequest }
  /** Something it refers to is not there yet. */
  | { readonly kind: 'Waiting'; readonly error: ErrorReport; readonly reason: string; readonly retryMs?: number }
  /** It can never run as it is written. */
  | { readonly kind: 'Refused'; readonly error: ErrorReport; readonly reason: string }

/** What the store says about a run. */
export type StoreView =
  | { readonly kind: 'Unavailable'; readonly error: ErrorReport }
  | { readonly kind: 'NotBegun' }
  | { readonly kind: 'AlreadyCompleted'; readonly summary: RunSummary }
  /** It could not begin: what it goes on from is not as its spec says. */
  | { readonly kind: 'Refused'; readonly error: ErrorReport }
  | { readonly kind: 'Begun'; readonly run: RunObservation }

/** A pod of a Job, as far as decisions need it. */
export interface PodView {
  readonly name: string
  readonly state: 'Pending' | 'Running' | 'Succeeded' | 'Failed'
  /** Why it cannot start, in the kubelet's or the scheduler's words. */
  readonly stuck: { readonly reason: string; readonly message: string } | null
  readonly exitCode: number | null
  readonly summary: WorkerSummary | null
  /** Last words of a worker that left no summary. */
  readonly lastWords: string | null
}

/** A Job of a run. */
export interface JobView {
  readonly name: string
  readonly stage: Stage
  readonly attempt: number
  readonly state: 'Active' | 'Complete' | 'Failed'
  /** Failures in a row, without progress in between, before this attempt. */
  readonly failuresBefore: number
  /** Progress of the stage when this attempt was made. */
  readonly progressBefore: number
  readonly createdAtMs: number
  readonly finishedAtMs: number | null
  /** Being removed: neither counted as work nor as a failure. */
  readonly deleting: boolean
  readonly message: string
  readonly pods: readonly PodView[]
}

/** Everything a decision about a run is made from. */
export interface RunObserved {
  readonly run: MetadataRun
  readonly preparation: Preparation
  readonly store: StoreView
  readonly jobs: readonly JobView[]
  /** A decision that asks for writing is there and not yet recorded or refused. */
  readonly applyBeingDecided: boolean
  /** The review policy was carried out during this reconcile; earlier ones left it in the Reviewed condition. */
  readonly policyAccepted: boolean
  /** Rows the last planning put into units, during this reconcile; null = not planned in it. */
  readonly plannedRows: number | null
  /** Since when this run has been told to stop; null = not told. */
  readonly stoppingSinceMs: number | null
  readonly nowMs: number
}

/** Something to do. Each may be carried out twice without harm. */
export type Intent =
  | { readonly kind: 'BeginRun'; readonly request: BeginRunRequest }
  | { readonly kind: 'SetDesiredState'; readonly state: 'Run' | 'Suspend' | 'Cancel' }
  | {
      readonly kind: 'CreateJob'
      readonly stage: Stage
      readonly attempt: number
      readonly failures: number
      readonly progress: number
    }
  | { readonly kind: 'DeleteJob'; readonly name: string }
  | { readonly kind: 'ReleaseUnits'; readonly stage: Stage; readonly holder: string }
  | { readonly kind: 'SetBudget'; readonly budget: Budget | null }
  | { readonly kind: 'LeaveOutUndrafted'; readonly reason: string }
  | { readonly kind: 'SettleDrafts' }
  | { readonly kind: 'AcceptByPolicy' }
  | { readonly kind: 'PlanApply' }
  | { readonly kind: 'DeleteRun' }
