import type { BatchJournal } from '../batch/batch-journal.ts'
import type { RecordedLedger } from './recorded-ledger.ts'

export interface RecordedBatch {
  readonly batchId: string
  readonly callIds: readonly string[]
  readonly createdAt: Date
  providerBatchId: string | null
  state: 'Submitting' | 'Working' | 'Collected' | 'Failed'
}

/** A journal in memory over the calls of a ledger, as the server's is over the store. */
export function recordedJournal(ledger: RecordedLedger) {
  const batches: RecordedBatch[] = []
  const batchOf = (batchId: string): RecordedBatch => {
    const batch = batches.find((candidate) => candidate.batchId === batchId)
    if (batch === undefined) throw new Error('a batch was never written down')
    return batch
  }
  const journal: BatchJournal = {
    async open() {
      const open = batches.filter(({ state }) => state === 'Submitting' || state === 'Working')
      return open.map(({ batchId, providerBatchId, createdAt, callIds }) => ({
        batchId,
        providerBatchId,
        createdAt,
        calls: ledger.calls
          .filter(({ intent, outcome }) => outcome === null && callIds.includes(intent.callId))
          .map(({ intent }) => ({ callId: intent.callId, requestDigest: intent.requestDigest })),
      }))
    },
    async intend(batchId, callIds) {
      batches.push({ batchId, callIds, createdAt: new Date(), providerBatchId: null, state: 'Submitting' })
    },
    async submitted(batchId, providerBatchId) {
      Object.assign(batchOf(batchId), { providerBatchId, state: 'Working' })
    },
    async ended(batchId, state) {
      batchOf(batchId).state = state
    },
    account: (callId, outcome) => ledger.end(callId, outcome),
  }
  return {
    ...journal,
    batches,
    /** As if the process had ended between sending a batch and hearing its name. */
    forgetProviderName(): void {
      for (const batch of batches) Object.assign(batch, { providerBatchId: null, state: 'Submitting' })
    },
  }
}
