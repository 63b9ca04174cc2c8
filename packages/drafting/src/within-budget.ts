import { AmxError, type CallIntent } from '@amx/api'
import type { ModelRoute } from './model-route.ts'

/** Calls that only add to what a first one gave: without them the batch keeps what it has. */
const additions: ReadonlySet<CallIntent['purpose']> = new Set([
  'continuation',
  'missing-columns',
  'split',
  'judge',
  'documents',
  'code',
  'merge',
])

/**
 * A route for which a further call that the run's budget does not leave room for is a refusal with that reason, so that what is paid
 * for is kept. The first call of a batch throws AMX-1030 as before: there is nothing to keep.
 */
export function withinBudget(route: ModelRoute): ModelRoute {
  return {
    async ask(question, ledger, signal) {
      try {
        return await route.ask(question, ledger, signal)
      } catch (thrown) {
        if (!(thrown instanceof AmxError) || thrown.code !== 'AMX-1030' || !additions.has(question.purpose))
          throw thrown
        return { kind: 'Refused', reason: `${thrown.code} ${thrown.message}`, callIds: [] }
      }
    },
    cancel: () => route.cancel(),
    close: () => route.close(),
  }
}
