import { AmxError, type ApplyResult } from '@amx/api'
import type { ServerClient } from './server-client.ts'

/** Posts results of apply units. */
export interface ResultPoster {
  /** Resolves when the result is recorded. Throws AMX-9003 when somebody else holds the unit, and whatever the message threw. */
  post(result: ApplyResult, signal: AbortSignal): Promise<void>
}

interface Waiting {
  readonly result: ApplyResult
  readonly signal: AbortSignal
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/** Rows of one message: what a request and a transaction of the store hold without trouble. */
const rowsAtOnce = 2_000

/**
 * One message at a time: a result goes at once when none is under way, and those that come meanwhile go together with the next.
 * So the server has a transaction less for every table that is written faster than a message takes.
 */
export function createResultPoster(server: Pick<ServerClient, 'postApplyResults'>): ResultPoster {
  const waiting: Waiting[] = []
  let posting = false

  async function postAll(): Promise<void> {
    posting = true
    try {
      for (;;) {
        const batch = takeBatch(waiting)
        if (batch.length === 0) return
        await postBatch(batch)
      }
    } finally {
      posting = false
    }
  }

  async function postBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = batch.map(({ result }) => result)
      const { lost } = await server.postApplyResults({ results }, allOf(batch.map(({ signal }) => signal)))
      for (const { result, resolve, reject } of batch) {
        if (lost.includes(result.unitId)) reject(new AmxError('AMX-9003', { unit: result.unitId }))
        else resolve()
      }
    } catch (thrown) {
      for (const { reject } of batch) reject(thrown)
    }
  }

  return {
    post(result, signal) {
      return new Promise<void>((resolve, reject) => {
        waiting.push({ result, signal, resolve, reject })
        if (!posting) void postAll()
      })
    },
  }
}

/** The oldest results that go into one message; a unit that is no longer held here is dropped. */
function takeBatch(waiting: Waiting[]): Waiting[] {
  const batch: Waiting[] = []
  let rows = 0
  for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
    if (batch.length > 0 && rows + next.result.rows.length > rowsAtOnce) break
    waiting.shift()
    if (next.signal.aborted) {
      next.reject(next.signal.reason)
      continue
    }
    rows += next.result.rows.length
    batch.push(next)
  }
  return batch
}

/** Aborted when all of them are: a message goes on for those that are still wanted. */
function allOf(signals: readonly AbortSignal[]): AbortSignal {
  const all = new AbortController()
  const look = () => {
    if (signals.every(({ aborted }) => aborted)) all.abort(signals[0]?.reason)
  }
  for (const signal of signals) signal.addEventListener('abort', look, { once: true })
  look()
  return all.signal
}
