import { backoffMs } from '../backoff/backoff.ts'
import type { KubeObject } from '../object/kube-object.ts'
import { compareResourceVersions } from '../object/resource-version.ts'

/**
 * A list and the watch that follows it, as named states; after kube-rs, kube-runtime/src/watcher.rs.
 *
 *   Empty ─ Start ─▶ Listing ─ last page ─▶ Watching ─ closed ─▶ Watching
 *                      ▲  │                  │  │
 *                      │  └─ failed ─▶ Waiting ◀┘ failed: then Watching again, after 410: Listing
 *
 * No state is final but Stopped: whatever the server does, a reflector goes on trying.
 */
export type ReflectorState<T> =
  | { readonly phase: 'Empty' }
  | { readonly phase: 'Listing'; readonly pages: readonly (readonly T[])[]; readonly failures: number }
  | { readonly phase: 'Watching'; readonly resourceVersion: string; readonly failures: number }
  | { readonly phase: 'Waiting'; readonly resumeAt: string | undefined; readonly failures: number }
  | { readonly phase: 'Stopped' }

/** What happened. */
export type ReflectorInput<T> =
  | { readonly type: 'Start' }
  | {
      readonly type: 'Page'
      readonly items: readonly T[]
      readonly continueToken: string | undefined
      readonly resourceVersion: string
    }
  | { readonly type: 'Changed'; readonly object: T }
  | { readonly type: 'Removed'; readonly object: T }
  | { readonly type: 'Bookmark'; readonly resourceVersion: string }
  /** The watch ended as it should; `lastedMs` since it was opened. */
  | { readonly type: 'Closed'; readonly lastedMs: number }
  | { readonly type: 'Failed'; readonly failure: ReflectorFailure }
  | { readonly type: 'Waited' }
  | { readonly type: 'Stop' }

/** Why a list or a watch failed. `gone`: the version asked for is no longer, or not yet, in the server's history. */
export interface ReflectorFailure {
  readonly kind: 'gone' | 'other'
  readonly retryAfterMs?: number | undefined
}

/** What is to be done. */
export type ReflectorEffect<T> =
  | { readonly type: 'List'; readonly continueToken: string | undefined }
  | { readonly type: 'Watch'; readonly resourceVersion: string }
  | { readonly type: 'Wait'; readonly delayMs: number }
  | { readonly type: 'Replace'; readonly objects: readonly T[]; readonly resourceVersion: string }
  | { readonly type: 'Apply'; readonly object: T }
  | { readonly type: 'Remove'; readonly object: T }
  | { readonly type: 'Advance'; readonly resourceVersion: string }
  | { readonly type: 'EndWatch' }

export interface ReflectorStep<T> {
  readonly state: ReflectorState<T>
  readonly effects: readonly ReflectorEffect<T>[]
}

const backoff = { firstMs: 800, limitMs: 30_000 }

// A watch that ends at once and says nothing must not become a loop of requests.
const shortWatchMs = 5_000

/** The next state and what to do to get there. Inputs that a state does not expect (late ones) change nothing. */
export function stepReflector<T extends KubeObject>(
  state: ReflectorState<T>,
  input: ReflectorInput<T>,
  random: () => number = Math.random,
): ReflectorStep<T> {
  if (state.phase === 'Stopped') return unchanged(state)
  if (input.type === 'Stop') return { state: { phase: 'Stopped' }, effects: [{ type: 'EndWatch' }] }
  switch (state.phase) {
    case 'Empty':
      return input.type === 'Start' ? startList(0) : unchanged(state)
    case 'Listing':
      return stepListing(state, input, random)
    case 'Watching':
      return stepWatching(state, input, random)
    case 'Waiting':
      return input.type === 'Waited' ? resume(state) : unchanged(state)
  }
}

function stepListing<T extends KubeObject>(
  state: ReflectorState<T> & { phase: 'Listing' },
  input: ReflectorInput<T>,
  random: () => number,
): ReflectorStep<T> {
  if (input.type === 'Page') {
    const pages = [...state.pages, input.items]
    if (input.continueToken !== undefined) {
      return { state: { ...state, pages }, effects: [{ type: 'List', continueToken: input.continueToken }] }
    }
    // Failures are kept until the watch has shown a sign of life: list, 410, list, 410 must slow down.
    return {
      state: { phase: 'Watching', resourceVersion: input.resourceVersion, failures: state.failures },
      effects: [
        { type: 'Replace', objects: pages.flat(), resourceVersion: input.resourceVersion },
        { type: 'Watch', resourceVersion: input.resourceVersion },
      ],
    }
  }
  // A continue token that expired, as any other failure, costs the pages read so far: they are of different moments.
  if (input.type === 'Failed') return wait(undefined, state.failures + 1, input.failure.retryAfterMs, random)
  return unchanged(state)
}

function stepWatching<T extends KubeObject>(
  state: ReflectorState<T> & { phase: 'Watching' },
  input: ReflectorInput<T>,
  random: () => number,
): ReflectorStep<T> {
  switch (input.type) {
    case 'Changed':
    case 'Removed': {
      const resourceVersion = input.object.metadata.resourceVersion ?? state.resourceVersion
      // Versions only grow along a watch: one that does not is a repeated or late event of what is known already.
      const order = compareResourceVersions(resourceVersion, state.resourceVersion)
      if (order === -1 || order === 0) return unchanged(state)
      const effect = input.type === 'Changed' ? 'Apply' : 'Remove'
      return {
        state: { phase: 'Watching', resourceVersion, failures: 0 },
        effects: [{ type: effect, object: input.object }],
      }
    }
    case 'Bookmark': {
      // The server's history is behind ours: it was restored from a backup, and its events would pass as late ones.
      if (compareResourceVersions(input.resourceVersion, state.resourceVersion) === -1) {
        const relist = startList<T>(state.failures)
        return { state: relist.state, effects: [{ type: 'EndWatch' }, ...relist.effects] }
      }
      return {
        state: { phase: 'Watching', resourceVersion: input.resourceVersion, failures: 0 },
        effects: [{ type: 'Advance', resourceVersion: input.resourceVersion }],
      }
    }
    case 'Closed': {
      if (input.lastedMs < shortWatchMs) return wait(state.resourceVersion, state.failures + 1, undefined, random)
      const next = { phase: 'Watching', resourceVersion: state.resourceVersion, failures: 0 } as const
      return { state: next, effects: [{ type: 'Watch', resourceVersion: state.resourceVersion }] }
    }
    case 'Failed': {
      if (input.failure.kind === 'other') {
        return wait(state.resourceVersion, state.failures + 1, input.failure.retryAfterMs, random)
      }
      if (state.failures === 0) return startList(1)
      return wait(undefined, state.failures + 1, input.failure.retryAfterMs, random)
    }
    default:
      return unchanged(state)
  }
}

function startList<T>(failures: number): ReflectorStep<T> {
  return { state: { phase: 'Listing', pages: [], failures }, effects: [{ type: 'List', continueToken: undefined }] }
}

function resume<T>(state: ReflectorState<T> & { phase: 'Waiting' }): ReflectorStep<T> {
  if (state.resumeAt === undefined) return startList(state.failures)
  return {
    state: { phase: 'Watching', resourceVersion: state.resumeAt, failures: state.failures },
    effects: [{ type: 'Watch', resourceVersion: state.resumeAt }],
  }
}

function wait<T>(
  resumeAt: string | undefined,
  failures: number,
  retryAfterMs: number | undefined,
  random: () => number,
): ReflectorStep<T> {
  const delayMs = Math.max(backoffMs(backoff, failures, random), retryAfterMs ?? 0)
  return { state: { phase: 'Waiting', resumeAt, failures }, effects: [{ type: 'Wait', delayMs }] }
}

function unchanged<T>(state: ReflectorState<T>): ReflectorStep<T> {
  return { state, effects: [] }
}
