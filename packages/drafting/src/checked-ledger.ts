import { AmxError, type CallOutcome } from '@amx/api'
import type { CallLedger } from './drafting.ts'

/**
 * A ledger that takes a reply for a failed call when `uselessness` gives a reason: it is paid for and counted, but not kept for
 * whoever asks the same again, or every further try, in this run and later ones, would be given the useless reply.
 */
export function checkedLedger(ledger: CallLedger, uselessness: (content: string) => string | null): CallLedger {
  function checked(outcome: CallOutcome): CallOutcome {
    if (outcome.outcome !== 'Succeeded' || outcome.reply === null) return outcome
    const detail = uselessness(outcome.reply.content)
    if (detail === null) return outcome
    return { ...outcome, outcome: 'Failed', error: new AmxError('AMX-3009', { detail }).report() }
  }
  return {
    begin: (intent) => ledger.begin(intent),
    end: (callId, outcome) => ledger.end(callId, checked(outcome)),
    retried: async (callId, retry, signal) => (await ledger.retried?.(callId, retry, signal)) ?? 0,
  }
}
