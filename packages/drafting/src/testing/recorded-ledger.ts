import type { CallIntent, CallOutcome, CallPermit } from '@amx/api'
import type { CallLedger } from '../drafting.ts'

export interface RecordedCall {
  readonly intent: Omit<CallIntent, 'unitId' | 'attempt'>
  outcome: CallOutcome | null
}

/** A ledger that keeps what it is told, in order, and throws when the order is wrong. */
export interface RecordedLedger extends CallLedger {
  readonly calls: readonly RecordedCall[]
}

/** A ledger in memory; `cached` gives stored replies by request digest. */
export function recordedLedger(
  cached: ReadonlyMap<string, NonNullable<CallPermit['cachedReply']>> = new Map(),
): RecordedLedger {
  const calls: RecordedCall[] = []
  return {
    calls,
    async begin(intent) {
      if (calls.some(({ intent: begun }) => begun.callId === intent.callId)) throw new Error('a call was begun twice')
      const cachedReply = cached.get(intent.requestDigest) ?? null
      if (cachedReply === null) calls.push({ intent, outcome: null })
      return { cachedReply }
    },
    async end(callId, outcome) {
      const call = calls.find(({ intent }) => intent.callId === callId)
      if (call === undefined) throw new Error('a call was ended that was never begun')
      if (call.outcome !== null) throw new Error('a call was ended twice')
      call.outcome = outcome
    },
  }
}
