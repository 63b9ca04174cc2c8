import { type Clock, pause, systemClock } from '../clock/clock.ts'
import { type Logger, silentLogger } from '../logger/logger.ts'
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts'
import { objectKey, type ResourceKind, resourcePath } from '../object/kube-object.ts'
import { isConflict, isNotFound } from '../transport/kube-error.ts'
import type { Transport } from '../transport/transport.ts'
import {
  type LeaderEffect,
  type LeaderInput,
  type LeaderState,
  type LeaseRecord,
  type ObservedLease,
  renewal,
  stepLeader,
} from './lease-state.ts'

export interface LeaderElectionOptions {
  readonly namespace: string
  /** Name of the Lease. */
  readonly name: string
  /** Who we are: unique among the candidates. */
  readonly identity: string
  /** What the Lease says about the leader. A leader that says nothing takes away what the last one said. */
  readonly annotations?: Readonly<Record<string, string>>
  /** @default 15000 */
  readonly leaseDurationMs?: number
  /** @default 10000 */
  readonly renewDeadlineMs?: number
  /** @default 2000 */
  readonly retryPeriodMs?: number
}

export interface LeaderElectorParts {
  readonly transport: Transport
  readonly logger?: Logger | undefined
  readonly metrics?: RuntimeMetrics | undefined
  readonly clock?: Clock
}

/** How a candidacy ended. */
export type ElectionEnd = { readonly reason: 'Stopped' } | { readonly reason: 'LeaseLost'; readonly message: string }

export interface LeaderElector {
  readonly phase: LeaderState['phase']
  /**
   * Stands for election until the signal is aborted or a lease once held is lost; never rejects. `onStarted` is called
   * once, when we lead. On abort the lease is given back, after `beforeRelease` has resolved.
   */
  run(signal: AbortSignal, onStarted: () => void, beforeRelease?: () => Promise<void>): Promise<ElectionEnd>
}

interface LeaseObject {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly resourceVersion?: string }
  readonly spec?: Partial<LeaseRecord> | null
}

const leases: ResourceKind = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
}

/** A candidate for one Lease. */
export function createLeaderElector(options: LeaderElectionOptions, parts: LeaderElectorParts): LeaderElector {
  const clock = parts.clock ?? systemClock
  const logger = parts.logger ?? silentLogger
  const timing = {
    leaseDurationMs: options.leaseDurationMs ?? 15_000,
    renewDeadlineMs: options.renewDeadlineMs ?? 10_000,
    retryPeriodMs: options.retryPeriodMs ?? 2_000,
  }
  const facts = { lease: objectKey(options.namespace, options.name), identity: options.identity }
  const path = resourcePath(leases, { namespace: options.namespace, name: options.name })
  const collection = resourcePath(leases, { namespace: options.namespace })
  let state: LeaderState = { phase: 'Following', seen: undefined }

  function step(input: LeaderInput): LeaderEffect | undefined {
    const next = stepLeader(state, input, options.identity, clock.now(), timing)
    state = next.state
    parts.metrics?.leaderStatus.set({ name: options.name }, state.phase === 'Leading' ? 1 : 0)
    return next.effect
  }

  // A call may take half the deadline, so that one lost connection leaves time for a second attempt on another; and a
  // leader must know by its deadline whether it was renewed.
  function callLimitMs(): number {
    const shareMs = timing.renewDeadlineMs / 2
    if (state.phase !== 'Leading') return shareMs
    return Math.max(1, Math.min(shareMs, state.renewedMs + timing.renewDeadlineMs - clock.now()))
  }

  async function read(signal: AbortSignal | undefined): Promise<LeaderInput> {
    try {
      const lease = await parts.transport.request<LeaseObject>({ path, signal, timeoutMs: callLimitMs() })
      return { type: 'Read', lease: observed(lease) }
    } catch (error) {
      if (isNotFound(error)) return { type: 'Read', lease: undefined }
      return failed(error)
    }
  }

  async function write(effect: LeaderEffect & { type: 'Create' | 'Update' }): Promise<LeaderInput> {
    const startedMs = clock.now()
    const { name, namespace, annotations } = options
    const metadata = { name, namespace, ...(annotations && { annotations }) }
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec: effect.record }
    try {
      const stored =
        effect.type === 'Create'
          ? await parts.transport.request<LeaseObject>({
              method: 'POST',
              path: collection,
              body: { ...lease, metadata },
              timeoutMs: callLimitMs(),
            })
          : await parts.transport.request<LeaseObject>({
              method: 'PUT',
              path,
              body: { ...lease, metadata: { ...metadata, resourceVersion: effect.resourceVersion } },
              timeoutMs: callLimitMs(),
            })
      return { type: 'Written', lease: observed(stored), startedMs }
    } catch (error) {
      return failed(error)
    }
  }

  function failed(error: unknown): LeaderInput {
    if (!isConflict(error)) logger.warn({ ...facts, err: error }, 'the lease could not be read or written')
    return { type: 'Failed', reason: error instanceof Error ? error.message : String(error) }
  }

  /** What to do at the next look: a leader renews what it wrote last, and reads first only after a failure. */
  function next(renewFailed: 'renew failed' | 'renewed'): LeaderEffect {
    if (state.phase !== 'Leading' || renewFailed === 'renew failed') return { type: 'Read' }
    return renewal(state.lease, clock.now(), timing)
  }

  async function release(): Promise<void> {
    const effect = step({ type: 'Stop' })
    if (effect === undefined || effect.type !== 'Update') return
    const result = await write(effect)
    if (result.type === 'Written') logger.info(facts, 'the lease was given back')
  }

  return {
    get phase() {
      return state.phase
    },
    async run(signal, onStarted, beforeRelease) {
      let effect: LeaderEffect = { type: 'Read' }
      let last: 'renew failed' | 'renewed' = 'renewed'
      // While the work under way is brought to its end, the lease is still renewed: nobody else may start yet.
      const finished = new AbortController()
      signal.addEventListener(
        'abort',
        () => {
          const ready = state.phase === 'Leading' ? (beforeRelease?.() ?? Promise.resolve()) : Promise.resolve()
          ready.catch(() => undefined).finally(() => finished.abort())
        },
        { once: true },
      )
      if (signal.aborted) finished.abort()
      while (!finished.signal.aborted) {
        if (effect.type === 'Wait') {
          await pause(clock, timing.retryPeriodMs, finished.signal)
          effect = next(last)
          continue
        }
        if (effect.type === 'Started') {
          logger.info(facts, 'this process leads')
          onStarted()
          effect = { type: 'Wait' }
          continue
        }
        // A write under way is waited for when we stop: one that was given up can still arrive, and then the lease is ours
        // under a version that we do not know, cannot be given back, and keeps the next candidate waiting until it runs out.
        const input: LeaderInput = effect.type === 'Read' ? await read(finished.signal) : await write(effect)
        if (finished.signal.aborted) {
          if (effect.type !== 'Read') step(input)
          break
        }
        last = input.type === 'Failed' ? 'renew failed' : 'renewed'
        effect = step(input) ?? { type: 'Wait' }
        if (state.phase === 'Lost') {
          logger.error({ ...facts, reason: state.reason }, 'the lease was lost')
          return { reason: 'LeaseLost', message: state.reason }
        }
      }
      await release()
      return { reason: 'Stopped' }
    },
  }
}

function observed(lease: LeaseObject): ObservedLease {
  return {
    resourceVersion: lease.metadata.resourceVersion ?? '',
    record: {
      holderIdentity: lease.spec?.holderIdentity ?? '',
      leaseDurationSeconds: lease.spec?.leaseDurationSeconds ?? 1,
      acquireTime: lease.spec?.acquireTime ?? '',
      renewTime: lease.spec?.renewTime ?? '',
      leaseTransitions: lease.spec?.leaseTransitions ?? 0,
    },
  }
}
