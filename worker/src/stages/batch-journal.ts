import type { BatchJournal } from '@amx/drafting'
import type { ServerClient } from '../server-client.ts'

const timeLimitMs = 300_000

/** The journal of a provider's batches at the server. What is written down is written down even while the process ends. */
export function createBatchJournal(server: ServerClient): BatchJournal {
  const limit = () => AbortSignal.timeout(timeLimitMs)
  return {
    async open() {
      const { batches } = await server.openBatches(limit())
      return batches.map(({ createdAt, ...batch }) => ({ ...batch, createdAt: new Date(createdAt) }))
    },
    async intend(batchId, callIds) {
      await server.postBatchIntent({ batchId, callIds: [...callIds] }, limit())
    },
    async submitted(batchId, providerBatchId) {
      await server.postBatchUpdate(batchId, { state: 'Working', providerBatchId }, limit())
    },
    async ended(batchId, state) {
      await server.postBatchUpdate(batchId, { state }, limit())
    },
    async account(callId, outcome) {
      await server.endCall(callId, outcome, limit())
    },
  }
}
