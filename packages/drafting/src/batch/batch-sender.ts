import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AmxError, type ModelSettings, toAmxError } from '@amx/api'
import { type CallFailure, malformed, stopped, unreachable } from '../providers/call-failure.ts'
import type { CallResult, ModelReply } from '../providers/model-reply.ts'
import { retryDelayMs } from '../providers/retry-delay.ts'
import type { BatchJournal, OpenBatch } from './batch-journal.ts'
import { BatchFault, type BatchProvider, type BatchRequest } from './batch-provider.ts'
import { type BatchPace, type Collected, pollInMs, sendInMs } from './decide-batch.ts'

/** A call that goes out with others. */
export interface BatchedCall<Body extends object> {
  readonly callId: string
  /** Null for a call that is with the provider already. */
  readonly body: Body | null
  /** Records what the call gave; awaited before anything else is made of it. */
  readonly account: (result: CallResult) => Promise<void>
}

/** Sends calls in batches and waits for their answers, over restarts of the process. */
export interface BatchSender<Body extends object> {
  /** The call under which this very request is with the provider, sent by an earlier process; null when it is not. */
  taken(requestDigest: string): Promise<string | null>
  /** Accounts for the call and gives its result. Rejects with the signal's reason; the call stays with the provider then. */
  send(call: BatchedCall<Body>, signal: AbortSignal): Promise<CallResult>
  /** Sends nothing more, and has the provider leave out what it has not begun. What it did is still taken in. */
  cancel(): void
  /** Stops waiting. What is with the provider stays there, for the next process. */
  close(): Promise<void>
}

export interface BatchSenderOptions<Body extends object> {
  readonly model: ModelSettings
  readonly provider: BatchProvider<Body>
  readonly journal: BatchJournal
  readonly pace?: BatchPace
  /** Records the result of a call that an earlier process announced and nobody here waits for. */
  readonly accountOrphan: (callId: string, result: CallResult) => Promise<void>
}

interface Waiter<Body extends object> {
  readonly call: BatchedCall<Body>
  readonly settled: PromiseWithResolvers<CallResult>
}

/** Answers accounted for at once. */
const accountedAtOnce = 16

export function createBatchSender<Body extends object>(options: BatchSenderOptions<Body>): BatchSender<Body> {
  const { model, provider, journal, pace } = options
  const context = { provider: model.provider, model: model.model, timeoutMs: model.limits.timeoutMs }
  const closing = new AbortController()
  const cancelling = new AbortController()
  const waiters = new Map<string, Waiter<Body>>()
  /** Of batches of an earlier process: request digest -> call. */
  const takenCalls = new Map<string, string>()
  const followed = new Set<Promise<void>>()
  let pending: BatchRequest<Body>[] = []
  let collected: Collected | null = null
  let timer: NodeJS.Timeout | undefined
  let takenUp: Promise<void> | null = null

  /** Tries until it is answered, refused for good, or out of tries; throws a BatchFault, or the reason of closing. */
  async function tried<Answer>(attempt: (signal: AbortSignal) => Promise<Answer>, tries = model.limits.retries + 1) {
    for (let failures = 1; ; failures += 1) {
      try {
        return await attempt(AbortSignal.any([closing.signal, AbortSignal.timeout(model.limits.timeoutMs)]))
      } catch (thrown) {
        closing.signal.throwIfAborted()
        const failure = thrown instanceof BatchFault ? thrown.failure : unreachable(context, thrown)
        if (failure.kind !== 'Again' || failures >= tries) throw new BatchFault(failure)
        await sleep(retryDelayMs(failures, failure.headers), undefined, { signal: closing.signal })
      }
    }
  }

  function follow(work: Promise<void>): void {
    const following = work.catch((thrown: unknown) => {
      // Closed: the next process goes on from what the journal says.
      if (closing.signal.aborted) return
      for (const { settled } of waiters.values()) settled.reject(toAmxError(thrown))
    })
    followed.add(following)
    void following.then(() => followed.delete(following))
  }

  async function takeUp(): Promise<void> {
    for (const batch of await journal.open()) {
      // Its answers were all accounted for; only that was not written down.
      if (batch.calls.length === 0) {
        await journal.ended(batch.batchId, 'Collected')
        continue
      }
      const name = batch.providerBatchId ?? (await findOrDrop(batch))
      if (name === null) continue
      for (const { callId, requestDigest } of batch.calls) takenCalls.set(requestDigest, callId)
      follow(
        collect(
          batch.batchId,
          name,
          batch.calls.map(({ callId }) => callId),
        ),
      )
    }
  }

  async function findOrDrop({ batchId, createdAt, calls }: OpenBatch): Promise<string | null> {
    const name = await tried((signal) => provider.find(batchId, createdAt, calls.length, signal))
    if (name === null) await journal.ended(batchId, 'Failed')
    else await journal.submitted(batchId, name)
    return name
  }

  function schedule(): void {
    clearTimeout(timer)
    if (collected === null) return
    timer = setTimeout(
      () => {
        const requests = pending
        pending = []
        collected = null
        follow(submit(requests))
      },
      sendInMs(collected, Date.now(), pace),
    )
  }

  async function submit(requests: readonly BatchRequest<Body>[]): Promise<void> {
    const batchId = randomUUID()
    const callIds = requests.map(({ callId }) => callId)
    const since = new Date()
    await journal.intend(batchId, callIds)
    let submitted = false
    try {
      const name = await tried(async (signal) => {
        // A try that got no answer may have arrived all the same.
        const there = submitted ? await provider.find(batchId, since, requests.length, signal) : null
        submitted = true
        return there ?? (await provider.submit(batchId, requests, signal))
      })
      await journal.submitted(batchId, name)
      await collect(batchId, name, callIds)
    } catch (thrown) {
      if (!(thrown instanceof BatchFault)) throw thrown
      await settleAll(callIds, thrown.failure)
      await journal.ended(batchId, 'Failed')
    }
  }

  async function collect(batchId: string, name: string, callIds: readonly string[]): Promise<void> {
    const progress = await untilEnded(name)
    if (progress.state === 'Failed') {
      await settleAll(callIds, progress.failure)
      return journal.ended(batchId, 'Failed')
    }
    const open = new Set(callIds)
    // A download that breaks off is begun again; what it gave before is accounted for and not open any more.
    await tried(async (signal) => {
      const settling = new Set<Promise<void>>()
      for await (const { callId, result } of provider.answers(name, signal)) {
        if (!open.delete(callId)) continue
        const one = settle(callId, result)
        settling.add(one)
        void one.finally(() => settling.delete(one)).catch(() => {})
        if (settling.size >= accountedAtOnce) await Promise.race(settling)
      }
      await Promise.all(settling)
    })
    await settleAll([...open], malformed(context, 'the batch ended without an answer to this request'))
    await journal.ended(batchId, 'Collected')
  }

  async function untilEnded(name: string) {
    let cancelled = false
    for (let polls = 0; ; ) {
      const { signal } = cancelling
      if (signal.aborted && !cancelled) {
        cancelled = true
        polls = 0
        await tried((limited) => provider.cancel(name, limited)).catch((fault: unknown) => {
          // It ended in the meantime.
          if (!(fault instanceof BatchFault) || fault.failure.kind === 'Again') throw fault
        })
      }
      const waiting = cancelled ? closing.signal : AbortSignal.any([closing.signal, signal])
      await sleep(pollInMs(polls, pace), undefined, { signal: waiting }).catch(() => {})
      closing.signal.throwIfAborted()
      if (signal.aborted && !cancelled) continue
      polls += 1
      // However long the provider is away, the batch is there.
      const progress = await tried((limited) => provider.progress(name, limited), Number.POSITIVE_INFINITY)
      if (progress.state !== 'Working') return progress
    }
  }

  async function settleAll(callIds: readonly string[], failure: CallFailure): Promise<void> {
    for (let start = 0; start < callIds.length; start += accountedAtOnce)
      await Promise.all(callIds.slice(start, start + accountedAtOnce).map((callId) => settle(callId, failure)))
  }

  async function settle(callId: string, answer: ModelReply | CallFailure): Promise<void> {
    const result: CallResult = 'kind' in answer ? { tries: 1, failure: answer } : { tries: 1, reply: answer }
    for (const [digest, taken] of takenCalls) if (taken === callId) takenCalls.delete(digest)
    const waiter = waiters.get(callId)
    if (waiter === undefined) return options.accountOrphan(callId, result)
    await waiter.call.account(result)
    waiter.settled.resolve(result)
  }

  return {
    async taken(requestDigest) {
      takenUp ??= takeUp()
      await takenUp
      return takenCalls.get(requestDigest) ?? null
    },
    async send(call, signal) {
      signal.throwIfAborted()
      const { callId, body, account } = call
      if (body !== null && cancelling.signal.aborted) {
        const result: CallResult = { tries: 0, failure: stopped(context) }
        await account(result)
        return result
      }
      const settled = Promise.withResolvers<CallResult>()
      waiters.set(callId, { call, settled })
      const leave = (): void => settled.reject(signal.reason)
      signal.addEventListener('abort', leave, { once: true })
      if (body !== null) {
        const nowMs = Date.now()
        pending.push({ callId, body })
        collected = {
          requests: pending.length,
          bytes: (collected?.bytes ?? 0) + Buffer.byteLength(JSON.stringify(body)),
          firstAtMs: collected?.firstAtMs ?? nowMs,
          lastAtMs: nowMs,
        }
        schedule()
      }
      try {
        return await settled.promise
      } catch (thrown) {
        const unsent = pending.findIndex((request) => request.callId === callId)
        if (unsent !== -1) {
          pending.splice(unsent, 1)
          await account({ tries: 0, failure: stopped(context) })
        }
        throw thrown
      } finally {
        signal.removeEventListener('abort', leave)
        waiters.delete(callId)
      }
    },
    cancel() {
      cancelling.abort()
      clearTimeout(timer)
      const unsent = pending.map(({ callId }) => callId)
      pending = []
      collected = null
      follow(settleAll(unsent, stopped(context)))
    },
    async close() {
      clearTimeout(timer)
      closing.abort(new AmxError('AMX-9001', { detail: 'the batch sender was closed' }))
      await Promise.allSettled(followed)
    },
  }
}
