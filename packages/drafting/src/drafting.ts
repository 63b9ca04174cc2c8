import type {
  CallIntent,
  CallOutcome,
  CallPermit,
  CallRetry,
  ContainerBrief,
  Descent,
  DraftRow,
  GenerationSettings,
  ModelSettings,
  RouteMemory,
  StyleExample,
  TableProfile,
} from '@amx/api'
import type { BatchJournal } from './batch/batch-journal.ts'
import type { BatchPace } from './batch/decide-batch.ts'
import type { ContextSearch } from './context/context-search.ts'

/** Where a call is announced before it is made and reported after it. The worker's ledger speaks to the server. */
export interface CallLedger {
  /** Stores the intent; a permit may carry a stored reply, and then no call is made. */
  begin(intent: Omit<CallIntent, 'unitId' | 'attempt'>): Promise<CallPermit>
  /** Stores the outcome; awaited before anything is made of the reply. */
  end(callId: string, outcome: CallOutcome): Promise<void>
  /**
   * Hears of every try that failed for a passing cause, at once; gives the milliseconds before another try has room under the
   * limits of the profile. Never rejects.
   */
  retried?(callId: string, retry: CallRetry, signal: AbortSignal): Promise<number>
}

export interface DraftBatchRequest {
  readonly profile: TableProfile
  /** Names of the columns of this batch, in the table's order. */
  readonly columns: readonly string[]
  readonly includeTable: boolean
  readonly generation: GenerationSettings
  /** Comments of the table whose style is to be matched, where the settings name one; empty when no target has it. */
  readonly style?: readonly StyleExample[]
  /** Searches the run's documents and code; absent for a run without any. */
  readonly context?: ContextSearch
  /** The earlier version that the assets go on from; absent for first drafts. */
  readonly descent?: Descent
}

export interface DraftBatchResult {
  /** One row per requested column, plus one for the table when asked; exactly N alternatives each unless skipped. */
  readonly rows: readonly DraftRow[]
  readonly calls: number
}

export interface DescribeContainerRequest {
  readonly brief: ContainerBrief
  readonly generation: GenerationSettings
}

export interface DescribeContainerResult {
  /** Exactly N alternatives unless skipped. */
  readonly row: DraftRow
  readonly calls: number
}

/** Drafts batches with one model. Made once per worker process; holds the HTTP connections to the model. */
export interface Drafter {
  /** Throws fatal catalogue errors (AMX-3001, 3002, 3003, 3010) that stop the run, and retryable ones after its own retries. */
  draftBatch(request: DraftBatchRequest, ledger: CallLedger, signal: AbortSignal): Promise<DraftBatchResult>
  /** Describes a schema or database from what lies in it; throws as {@link draftBatch} does. */
  describeContainer(
    request: DescribeContainerRequest,
    ledger: CallLedger,
    signal: AbortSignal,
  ): Promise<DescribeContainerResult>
  /** The run is cancelled: gives up what waits at a provider. What was answered is still taken in. */
  cancel(): void
  close(): Promise<void>
}

export interface CreateDrafterOptions {
  readonly model: ModelSettings
  /** Absent for BuiltIn and for servers without authentication. */
  readonly apiKey?: string
  /** What was learnt of the model's server before; null or absent where nothing is known. */
  readonly memory?: RouteMemory | null
  /** Hears what is learnt of the model's server, each time something is new. */
  readonly onLearnt?: (memory: RouteMemory) => void
  /** Present when first questions go out in the provider's batches. */
  readonly batches?: BatchJournal
  /** @default five seconds without a question, two until the first look */
  readonly batchPace?: BatchPace
}
