import type { CallOutcome } from '@amx/api'

/** A batch of this run that was written down and is not ended. */
export interface OpenBatch {
  readonly batchId: string
  /** Null when it is not known whether the provider ever got it. */
  readonly providerBatchId: string | null
  readonly createdAt: Date
  /** Its calls that have no outcome yet. */
  readonly calls: readonly { readonly callId: string; readonly requestDigest: string }[]
}

/** Where batches are written down before they are sent, so that another process can take them up. The worker's journal speaks to the server. */
export interface BatchJournal {
  open(): Promise<readonly OpenBatch[]>
  intend(batchId: string, callIds: readonly string[]): Promise<void>
  submitted(batchId: string, providerBatchId: string): Promise<void>
  /** `Collected`: every answer is accounted for. `Failed`: the provider took none of it, so its calls were never made. */
  ended(batchId: string, outcome: 'Collected' | 'Failed'): Promise<void>
  /** The outcome of a call that an earlier process announced. */
  account(callId: string, outcome: CallOutcome): Promise<void>
}
