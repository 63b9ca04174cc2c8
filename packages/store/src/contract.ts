import type {
  Accepted,
  ApplyOutcome,
  ApplyResult,
  ApplyResultsTaken,
  AuditPage,
  Budget,
  CallIntent,
  CallOutcome,
  CallPermit,
  CallRetry,
  CatalogList,
  CatalogPage,
  ClaimRequest,
  ClaimResponse,
  ConfidenceBand,
  DesiredState,
  ErrorReport,
  HeartbeatRequest,
  HeartbeatResponse,
  LogLines,
  NewestRows,
  OpenProviderBatches,
  PreviewPage,
  ProviderBatchIntent,
  ProviderBatchUpdate,
  QueueFacets,
  QueueFilter,
  QueuePage,
  ResultDetail,
  ResultFacets,
  ResultGroups,
  ResultPage,
  RetryPermit,
  ReviewState,
  RouteMemory,
  RunEvent,
  RunExplanation,
  RunPhase,
  RunSettings,
  RunSummary,
  Scope,
  ScopeKind,
  SourceFilter,
  Stage,
  StyleExample,
  TableProfile,
  UnitResult,
  UsageReport,
  Verdict,
  VersionList,
} from '@amx/api'
import type { CatalogChanges } from './catalog/catalog-changes.ts'
import type { ListCatalogQuery } from './catalog/list-catalog.ts'
import type { ContextOperatorStore, ContextServerStore } from './context/contract.ts'
import type { DiagnosticsStore } from './diagnostics/contract.ts'
import type { HistoryStore } from './history/contract.ts'
import type { ProfileOperatorStore, ProfileServerStore } from './profiles/contract.ts'
import type { FacetQuery } from './review/list-facets.ts'
import type { GroupQuery } from './review/list-groups.ts'
import type { ListNewestRowsQuery } from './review/list-newest-rows.ts'
import type { ListQueueQuery } from './review/list-queue.ts'
import type { ListResultsQuery } from './review/list-results.ts'
import type { ListRunsQuery } from './runs/list-runs.ts'
import type { SignInStore } from './sign-ins/contract.ts'
import type { KnownTables } from './usage/read-known-tables.ts'
import type { UsageQuery } from './usage/read-usage.ts'

export type * from './context/contract.ts'
export type * from './diagnostics/contract.ts'
export type * from './profiles/contract.ts'
export type * from './sign-ins/contract.ts'

/** What the operator hands over when a run begins. */
export interface BeginRunRequest {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly type: string
  readonly specDigest: string
  readonly settings: RunSettings
  readonly settingsDigest: string
  /** Scope in words, for lists. */
  readonly scopeText: string
  readonly origin: string | null
  /** Of type Apply: the run whose queued rows are applied. Of type Rollback, Rerun and Variations: the run they go on from. */
  readonly sourceRunUid?: string
  /** Of type Apply and Rollback: what of the source. Default: all of it. */
  readonly selection?: RunSelection
  /** Who created the run, where the API server vouches for it. */
  readonly requestedBy?: string
  /** Of type Rerun and Variations: which rows of that run get another version. */
  readonly descent?: DescentRequest
  /** What it may use up. Default: no limit. */
  readonly budget?: Budget | null
}

/** Rows of a source run by their assets, each for itself. */
export interface RunSelection {
  readonly assets: readonly string[]
}

/** Which rows of its source a run goes on from: assets by path, those of a filter, one alternative, or all. */
export interface DescentRequest {
  /** DatabaseProfile, or profile/database. */
  readonly target?: string
  readonly assets?: readonly string[]
  readonly filter?: SourceFilter
  readonly alternative?: { readonly asset: string; readonly index: number }
}

/** A run that another goes on from. */
export interface SourceRun {
  readonly uid: string
  readonly name: string
  readonly phase: RunPhase
  readonly settings: RunSettings
  /** Whether its drafts are settled. */
  readonly settled: boolean
}

export type BeginRunResult =
  | { readonly kind: 'Began' }
  /** This very run (same uid) is known already: nothing was changed. */
  | { readonly kind: 'Known' }
  /** Same namespace, name, spec and settings finished before under another uid. */
  | { readonly kind: 'AlreadyCompleted'; readonly summary: RunSummary }
  /** What it goes on from is not there: nothing was kept of the run. */
  | { readonly kind: 'Refused'; readonly error: ErrorReport }

/** Everything the operator decides from, read in one statement or two. */
export interface RunObservation {
  readonly summary: RunSummary
  readonly desiredState: DesiredState
  readonly phase: RunPhase
  readonly scopeResolved: boolean
  readonly profiled: boolean
  readonly drafted: boolean
  /** Assets in scope that are to be described; 0 after scope resolution means an empty scope. */
  readonly plannedAssets: number
  /** Of them, schemas and databases. */
  readonly plannedContainers: number
  /** Rows that have a result already: after scope resolution those that were left out, with a reason each. */
  readonly leftOut: number
  /** Units per stage that are not finished: waiting, leased, and failed for good. */
  readonly units: Readonly<
    Record<Stage, { readonly waiting: number; readonly leased: number; readonly failed: number }>
  >
  /** A fault reported by a worker that no retry can mend, or the last failure of a unit whose attempts are used up. */
  readonly fatalError: ErrorReport | null
  readonly lastError: ErrorReport | null
  readonly unknownAssets: readonly string[]
  /** Rows are queued that this run is to write and has not tried. Not of type Apply and Rollback, which plan once. */
  readonly applyWanted: boolean
  /** What the run may use up, and why no more is handed out once it is used up. */
  readonly budget: { readonly limit: Budget | null; readonly error: ErrorReport | null }
}

export interface DecisionItem {
  readonly asset: string
  /** DatabaseProfile, or profile/database; needed where several databases of the run have the asset. */
  readonly target?: string
  readonly verdict: Verdict
  readonly alternative?: number
  readonly text?: string
  /** The row's revision that the reviewer saw; another one refuses the decision as a conflict. */
  readonly revision?: number
}

export interface DecisionFilter {
  readonly verdict: Verdict
  readonly minimumConfidence?: ConfidenceBand
  /** With it go rows without a score. */
  readonly maximumConfidence?: ConfidenceBand
  readonly tables?: readonly string[]
  readonly kinds?: readonly string[]
  /** Default: Unreviewed and Skipped; of Restore everything but Unreviewed. */
  readonly states?: readonly ReviewState[]
  readonly sources?: readonly string[]
  readonly columnName?: string
  readonly dataType?: string
  /** Accepted for every column that matches, in place of its first alternative. */
  readonly text?: string
}

export interface RecordDecisionRequest {
  /** uid of the ReviewDecision: recording it twice is a no-op that returns the first result. */
  readonly uid: string
  readonly name: string
  readonly runUid: string
  readonly draftDigest: string
  readonly reviewer: string
  readonly comment: string
  /** Whether the run writes the accepted rows. Default: no. */
  readonly apply?: boolean
  readonly items?: readonly DecisionItem[]
  readonly filter?: DecisionFilter
}

export interface DecisionCounts {
  readonly accepted: number
  readonly skipped: number
  readonly rejected: number
  readonly restored: number
  readonly superseded: number
}

export type RecordDecisionResult =
  | { readonly kind: 'Recorded'; readonly counts: DecisionCounts; readonly recordedAt: string }
  | {
      readonly kind: 'Refused'
      readonly error: ErrorReport
      readonly reason: 'Stale' | 'UnknownAsset' | 'NotReviewable' | 'VersionLocked' | 'Conflict'
    }

/** The operator's half of the store. Throws AMX-9002 when the store does not answer. */
export interface OperatorStore extends ContextOperatorStore, ProfileOperatorStore {
  beginRun(request: BeginRunRequest, signal?: AbortSignal): Promise<BeginRunResult>
  /** The run that another goes on from, by its uid where that is known, else the newest of the name. */
  findSource(namespace: string, name: string, uid: string | null, signal?: AbortSignal): Promise<SourceRun | null>
  /** The frozen settings of a run; null when the store does not know it. */
  readSettings(uid: string, signal?: AbortSignal): Promise<RunSettings | null>
  observeRun(uid: string, signal?: AbortSignal): Promise<RunObservation | null>
  /** Claims hand out nothing while it is Suspend or Cancel. */
  setDesiredState(uid: string, state: DesiredState, signal?: AbortSignal): Promise<void>
  setPhase(uid: string, phase: RunPhase, finished: boolean, signal?: AbortSignal): Promise<void>
  /** Why the run is about to be Failed, PartiallyApplied, Suspended or Cancelled, for those who look back. */
  explainRun(uid: string, explanation: RunExplanation, signal?: AbortSignal): Promise<void>
  /** Changes what a run may use up; the same again is a no-op. */
  setBudget(uid: string, budget: Budget | null, signal?: AbortSignal): Promise<void>
  /** Leaves out what is planned and not drafted, with the reason; resolves to the number of assets. */
  leaveOutUndrafted(uid: string, reason: string, signal?: AbortSignal): Promise<number>
  /** Freezes the drafts: computes and stores the digest over all rows; the same digest when called again. */
  settleDrafts(uid: string, signal?: AbortSignal): Promise<{ readonly digest: string; readonly rows: number }>
  /** Accepts by the run's own policy (review.strategy Auto) in one transaction; idempotent. */
  acceptByPolicy(uid: string, signal?: AbortSignal): Promise<DecisionCounts>
  recordDecision(request: RecordDecisionRequest, signal?: AbortSignal): Promise<RecordDecisionResult>
  /** Makes apply units of what the run is to write or put back and has not tried; returns rows put into units. */
  planApply(uid: string, signal?: AbortSignal): Promise<{ readonly rows: number; readonly units: number }>
  /** Puts back the leases of a worker that is known to be dead, without waiting for their expiry. */
  releaseUnits(uid: string, stage: Stage, holder: string, signal?: AbortSignal): Promise<number>
  /** Marks what is deleted from the cluster; rows stay. Not-yet-begun units are dropped. */
  archiveRun(uid: string, signal?: AbortSignal): Promise<void>
  /** Forgets a run of type Refresh with its rows, in place of archiving it; what was learnt of the catalog stays. */
  forgetRefresh(uid: string, signal?: AbortSignal): Promise<void>
  /** What changed in the databases of a run since a position; null when the store does not know the run. */
  readCatalogChanges(runUid: string, after: number | null, signal?: AbortSignal): Promise<CatalogChanges | null>
  /** Calls back with a run's uid whenever something about it changed; reconnects by itself; resolves to its stop function. */
  listenRuns(onChange: (runUid: string) => void, signal?: AbortSignal): Promise<() => Promise<void>>
  ping(signal?: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** Who a worker request comes from, as the server established it. */
export interface WorkerIdentity {
  readonly runUid: string
  readonly stage: Stage
  /** Pod name: the holder of leases. */
  readonly holder: string
}

/** Which entries of the audit. Filters that are absent let everything through. */
export interface ChangesQuery {
  readonly limit: number
  readonly after?: string
  /** From this time on, and before that one. */
  readonly since?: Date
  readonly until?: Date
  /** Who decided or applied. */
  readonly by?: string
  /** An asset with everything below it. */
  readonly asset?: string
  readonly outcomes?: readonly ApplyOutcome[]
  /** `databaseKey`, DatabaseProfile, or profile/database. */
  readonly target?: string
  /** The unit whose rows are meant. */
  readonly unit?: string
  /** Whether dry runs are listed, alone; absent: with the others. */
  readonly dryRun?: boolean
}

/** Which rows of the queue are previewed. */
export interface PreviewQuery {
  readonly namespace: string
  readonly limit: number
  readonly after?: string
  readonly runUid?: string
  /** `databaseKey`, DatabaseProfile, or profile/database. */
  readonly target?: string
  /** Assets with everything below them; a deeper path narrows the ones above it. */
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly kinds?: readonly ScopeKind[]
  /** Assets, each for itself. */
  readonly assets?: readonly string[]
}

/** The server's half of the store. */
export interface ServerStore
  extends ContextServerStore,
    DiagnosticsStore,
    HistoryStore,
    ProfileServerStore,
    SignInStore {
  readSettings(
    runUid: string,
    signal?: AbortSignal,
  ): Promise<{ readonly settings: RunSettings; readonly namespace: string; readonly name: string } | null>
  claim(worker: WorkerIdentity, request: ClaimRequest, signal?: AbortSignal): Promise<ClaimResponse>
  heartbeat(worker: WorkerIdentity, request: HeartbeatRequest, signal?: AbortSignal): Promise<HeartbeatResponse>
  recordCatalogPage(worker: WorkerIdentity, page: CatalogPage, signal?: AbortSignal): Promise<Accepted>
  recordResult(worker: WorkerIdentity, result: UnitResult, signal?: AbortSignal): Promise<Accepted>
  /** Records several tables in one transaction; each counts as one result of its unit would. */
  recordApplyResults(
    worker: WorkerIdentity,
    results: readonly ApplyResult[],
    signal?: AbortSignal,
  ): Promise<ApplyResultsTaken>
  readTableProfile(worker: WorkerIdentity, tableId: string, signal?: AbortSignal): Promise<TableProfile | null>
  /** Comments of the table whose style the run matches; empty when there is none. */
  readStyle(worker: WorkerIdentity, signal?: AbortSignal): Promise<readonly StyleExample[]>
  /** What pods learnt within a week of the server behind the run's LLMProfile; null when nothing. */
  readRouteMemory(worker: WorkerIdentity, signal?: AbortSignal): Promise<RouteMemory | null>
  recordRouteMemory(worker: WorkerIdentity, memory: RouteMemory, signal?: AbortSignal): Promise<Accepted>
  beginCall(worker: WorkerIdentity, intent: CallIntent, signal?: AbortSignal): Promise<CallPermit>
  endCall(worker: WorkerIdentity, callId: string, outcome: CallOutcome, signal?: AbortSignal): Promise<Accepted>
  retryCall(worker: WorkerIdentity, callId: string, retry: CallRetry, signal?: AbortSignal): Promise<RetryPermit>
  readOpenBatches(worker: WorkerIdentity, signal?: AbortSignal): Promise<OpenProviderBatches>
  recordBatchIntent(worker: WorkerIdentity, intent: ProviderBatchIntent, signal?: AbortSignal): Promise<Accepted>
  updateBatch(
    worker: WorkerIdentity,
    batchId: string,
    update: ProviderBatchUpdate,
    signal?: AbortSignal,
  ): Promise<Accepted>
  recordFatal(worker: WorkerIdentity, error: ErrorReport, signal?: AbortSignal): Promise<Accepted>
  recordLogs(worker: WorkerIdentity, lines: LogLines, signal?: AbortSignal): Promise<Accepted>

  findRun(namespace: string, name: string, uid?: string, signal?: AbortSignal): Promise<RunSummary | null>
  listRuns(
    query: ListRunsQuery,
    signal?: AbortSignal,
  ): Promise<{ readonly runs: readonly RunSummary[]; readonly next: string | null }>
  /** What is known of the databases of a namespace, a page by database and path. */
  listCatalog(query: ListCatalogQuery, signal?: AbortSignal): Promise<CatalogList>
  /** A page of a run's rows. Throws AMX-1013 when the run is not known, AMX-1014 for a cursor of another list. */
  listResults(runUid: string, query: ListResultsQuery, signal?: AbortSignal): Promise<ResultPage>
  /** Each asset of a namespace once, as the newest of its runs with drafts has it; a page by path. Throws AMX-1014 for a cursor of another list. */
  listNewestRows(query: ListNewestRowsQuery, signal?: AbortSignal): Promise<NewestRows>
  /** Rows of a run per value of each dimension, each under all filters but its own. Throws AMX-1013. */
  listFacets(runUid: string, query: FacetQuery, signal?: AbortSignal): Promise<ResultFacets>
  /** Rows of a run in groups. Throws AMX-1013, AMX-1014 for a cursor of another list. */
  listGroups(runUid: string, query: GroupQuery, signal?: AbortSignal): Promise<ResultGroups>
  /** Everything about one row of a run; null when the run has no such row. */
  readResult(runUid: string, rowId: string, signal?: AbortSignal): Promise<ResultDetail | null>
  /** All versions of a row of a run, the first one first; null when the run has no such row. */
  listVersions(runUid: string, rowId: string, signal?: AbortSignal): Promise<VersionList | null>
  /** Accepted texts of a namespace that are not written yet. Throws AMX-1014 for a cursor of another list. */
  listQueue(query: ListQueueQuery, signal?: AbortSignal): Promise<QueuePage>
  listQueueFacets(query: QueueFilter & { readonly namespace: string }, signal?: AbortSignal): Promise<QueueFacets>
  /** What a run wrote or tried to write, in the order of its intents. */
  listChanges(runUid: string, query: ChangesQuery, signal?: AbortSignal): Promise<AuditPage>
  /** What was written in a namespace, the newest first. */
  listAudit(namespace: string, query: ChangesQuery, signal?: AbortSignal): Promise<AuditPage>
  /** Statements of queued rows, as an apply would write them. Changes nothing. */
  previewQueue(query: PreviewQuery, signal?: AbortSignal): Promise<PreviewPage>
  /** What models were asked in a time and what it cost, added up. */
  readUsage(query: UsageQuery, signal?: AbortSignal): Promise<UsageReport>
  /** Tables of a scope as runs of the namespace read them last; null when none read this database. */
  readKnownTables(
    query: { readonly namespace: string; readonly databaseKey: string; readonly scope: Scope },
    signal?: AbortSignal,
  ): Promise<KnownTables | null>
  /** Events of a run after an id, oldest first. */
  readEvents(runUid: string, afterId: string | null, limit: number, signal?: AbortSignal): Promise<readonly RunEvent[]>
  /** Calls back when new events of a run exist; resolves to its stop function. */
  listenEvents(runUid: string, onEvent: () => void, signal?: AbortSignal): Promise<() => Promise<void>>
  ping(signal?: AbortSignal): Promise<void>
  close(): Promise<void>
}
