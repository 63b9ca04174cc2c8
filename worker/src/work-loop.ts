import { type AmxError, type StopReason, toAmxError, type WorkUnit } from '@amx/api'
import type { Logger } from 'pino'
import { fatalCodes } from './fatal-codes.ts'
import type { ServerClient } from './server-client.ts'

export interface WorkLoopOptions {
  readonly server: ServerClient
  readonly logger: Logger
  /** Units held at once. */
  readonly concurrency: number
  readonly heartbeatMs: number
  /** How long held units may go on once `draining` is aborted. */
  readonly drainMs: number
  /** Aborted on SIGTERM: claim no more, finish or hand back what is held. */
  readonly draining: AbortSignal
  /** Whether these units are enough to hold, however few they are. @default never */
  readonly isEnough?: (held: readonly WorkUnit[]) => boolean
  /** Hears once that the run stops, and says which held units are handed back; the others are waited for. @default none */
  readonly onStop?: (stop: StopReason) => (unit: WorkUnit) => boolean
  /** Does one unit and posts its result; a throw becomes a `failed` result. */
  readonly perform: (unit: WorkUnit, signal: AbortSignal) => Promise<void>
}

export interface WorkLoopResult {
  readonly outcome: 'Done' | 'Stopped' | 'Interrupted'
  readonly stop: StopReason | null
  readonly done: number
  readonly failed: number
}

interface HeldUnit {
  readonly unit: WorkUnit
  readonly abort: AbortController
  readonly settled: Promise<void>
}

const claimWaitMs = 10_000

/** `maximum` of a claim in the worker protocol. */
const mostClaimed = 256

/**
 * Claims units, performs them side by side, renews their leases, and ends when the server says that nothing is left, that the
 * run stops, or when the process is told to drain. Throws the catalogue error that stops the run.
 */
export async function runWorkLoop(options: WorkLoopOptions): Promise<WorkLoopResult> {
  const { server, logger, draining } = options
  const held = new Map<string, HeldUnit>()
  const ending = new AbortController()
  let done = 0
  let failed = 0
  let fatal: AmxError | null = null
  let stop: StopReason | null = null
  let wake: () => void = () => {}

  function start(unit: WorkUnit): void {
    const abort = new AbortController()
    const settled = perform(unit, abort.signal).finally(() => {
      held.delete(unit.id)
      wake()
    })
    held.set(unit.id, { unit, abort, settled })
  }

  function stopFor(reason: StopReason): void {
    if (stop !== null) return
    stop = reason
    const isHandedBack = options.onStop?.(reason) ?? (() => false)
    for (const { unit, abort } of held.values()) if (isHandedBack(unit)) abort.abort('drained')
  }

  async function perform(unit: WorkUnit, signal: AbortSignal): Promise<void> {
    try {
      await options.perform(unit, signal)
      done += 1
    } catch (thrown) {
      await reportFailure(unit, thrown, signal)
    }
  }

  async function reportFailure(unit: WorkUnit, thrown: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) {
      // Lost to another worker: nothing to say. Drained: hand it back at once, so that nobody waits for the lease.
      if (signal.reason === 'drained') await release(unit)
      return
    }
    const error = toAmxError(thrown)
    if (error.code === 'AMX-9003') return
    // The budget was used up between the claim and the call: the next claim says so, nothing failed.
    if (error.code === 'AMX-1030') return release(unit)
    failed += 1
    logger.warn(
      { unit: unit.id, kind: unit.kind, code: error.code, error: error.message, cause: causeOf(error) },
      'unit failed',
    )
    if (fatalCodes.has(error.code)) {
      fatal ??= error
      ending.abort('fatal')
      await release(unit)
      return
    }
    const retry = error.entry.retry === 'Retry'
    await server
      .postResult(
        { unitId: unit.id, attempt: unit.attempt, kind: 'failed', error: error.report(), retry },
        ending.signal,
      )
      .catch((postError: unknown) => logger.error({ unit: unit.id, err: postError }, 'failure not posted'))
  }

  async function release(unit: WorkUnit): Promise<void> {
    await server
      .postResult({ unitId: unit.id, attempt: unit.attempt, kind: 'released' }, AbortSignal.timeout(5_000))
      .catch((error: unknown) =>
        logger.warn({ unit: unit.id, err: error }, 'unit not handed back; its lease will expire'),
      )
  }

  async function beat(): Promise<void> {
    if (held.size === 0) return
    const units = [...held.values()].map(({ unit }) => ({ id: unit.id, attempt: unit.attempt }))
    try {
      const answer = await server.heartbeat({ held: units }, AbortSignal.timeout(options.heartbeatMs))
      for (const id of answer.lost) held.get(id)?.abort.abort('lost')
      if (answer.stop !== null) stopFor(answer.stop)
    } catch (error) {
      logger.warn({ err: error }, 'heartbeat failed')
    }
  }

  const heartbeat = setInterval(() => void beat(), options.heartbeatMs)
  const claimSignal = AbortSignal.any([draining, ending.signal])
  claimSignal.addEventListener('abort', () => wake(), { once: true })
  let drainTimer: NodeJS.Timeout | undefined
  function startDrain(): void {
    drainTimer = setTimeout(() => {
      for (const { abort } of held.values()) abort.abort('drained')
    }, options.drainMs)
  }
  if (draining.aborted) startDrain()
  else draining.addEventListener('abort', startDrain, { once: true })
  try {
    let exhausted = false
    while (!exhausted && stop === null && !claimSignal.aborted) {
      const capacity = options.concurrency - held.size
      if (capacity <= 0 || options.isEnough?.([...held.values()].map(({ unit }) => unit))) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      const answer = await server
        .claim({ capacity: Math.min(mostClaimed, capacity), waitMs: claimWaitMs }, claimSignal)
        .catch((error: unknown) => {
          if (claimSignal.aborted) return null
          throw error
        })
      if (answer === null) break
      for (const unit of answer.units) start(unit)
      if (answer.stop !== null) stopFor(answer.stop)
      // While units are held, one of them may still fail and come back, so `done` counts only with empty hands.
      exhausted = answer.done && answer.units.length === 0 && held.size === 0
      if (answer.done && answer.units.length === 0 && held.size > 0) await oneSettles(held)
    }
    // Without a drain there is no hurry: units end by their own time limits.
    await Promise.all([...held.values()].map(({ settled }) => settled))
  } finally {
    clearInterval(heartbeat)
    clearTimeout(drainTimer)
    draining.removeEventListener('abort', startDrain)
    ending.abort('ended')
  }
  if (fatal !== null) throw fatal
  const outcome = draining.aborted ? 'Interrupted' : stop === null ? 'Done' : 'Stopped'
  return { outcome, stop, done, failed }
}

async function oneSettles(held: ReadonlyMap<string, HeldUnit>): Promise<void> {
  await Promise.race([...held.values()].map(({ settled }) => settled))
}

function causeOf(error: AmxError): string | undefined {
  return error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : undefined
}
