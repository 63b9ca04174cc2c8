/** The part of a Lease that the election reads and writes. */
export interface LeaseRecord {
  readonly holderIdentity: string
  readonly leaseDurationSeconds: number
  /** RFC 3339 with microseconds. */
  readonly acquireTime: string
  readonly renewTime: string
  readonly leaseTransitions: number
}

/** What the server has: a lease with its resource version, or none. */
export interface ObservedLease {
  readonly resourceVersion: string
  readonly record: LeaseRecord
}

/** Who leads, as one candidate sees it. `Lost` and `Released` are final. */
export type LeaderState =
  | { readonly phase: 'Following'; readonly seen: SeenLease | undefined }
  | { readonly phase: 'Leading'; readonly lease: ObservedLease; readonly renewedMs: number }
  | { readonly phase: 'Lost'; readonly reason: string }
  | { readonly phase: 'Released' }

/** Another's lease and when, by our own clock, we first saw it so: clocks of two machines are never compared. */
export interface SeenLease {
  readonly lease: ObservedLease
  readonly sinceMs: number
}

export type LeaderInput =
  /** The lease was read; undefined when there is none. */
  | { readonly type: 'Read'; readonly lease: ObservedLease | undefined }
  /** A write of ours was accepted; `startedMs` is when it was sent. */
  | { readonly type: 'Written'; readonly lease: ObservedLease; readonly startedMs: number }
  /** A read or write failed, or somebody else wrote first. */
  | { readonly type: 'Failed'; readonly reason: string }
  | { readonly type: 'Stop' }

export type LeaderEffect =
  | { readonly type: 'Read' }
  | { readonly type: 'Create'; readonly record: LeaseRecord }
  | { readonly type: 'Update'; readonly record: LeaseRecord; readonly resourceVersion: string }
  | { readonly type: 'Wait' }
  | { readonly type: 'Started' }

export interface LeaderTiming {
  /** How long others leave a lease that is not renewed alone. */
  readonly leaseDurationMs: number
  /** How long a leader goes on without a successful renewal before it gives up. */
  readonly renewDeadlineMs: number
  readonly retryPeriodMs: number
}

export interface LeaderStep {
  readonly state: LeaderState
  readonly effect: LeaderEffect | undefined
}

/** The election's next state; after client-go's leaderelection, as a function of the local clock alone. */
export function stepLeader(
  state: LeaderState,
  input: LeaderInput,
  identity: string,
  nowMs: number,
  timing: LeaderTiming,
): LeaderStep {
  if (state.phase === 'Lost' || state.phase === 'Released') return { state, effect: undefined }
  if (state.phase === 'Leading') return stepLeading(state, input, identity, nowMs, timing)
  return stepFollowing(state, input, identity, nowMs, timing)
}

function stepFollowing(
  state: LeaderState & { phase: 'Following' },
  input: LeaderInput,
  identity: string,
  nowMs: number,
  timing: LeaderTiming,
): LeaderStep {
  switch (input.type) {
    case 'Stop':
      return { state: { phase: 'Released' }, effect: undefined }
    case 'Written':
      return {
        state: { phase: 'Leading', lease: input.lease, renewedMs: input.startedMs },
        effect: { type: 'Started' },
      }
    case 'Failed':
      return { state, effect: { type: 'Wait' } }
    case 'Read':
      break
  }
  const { lease } = input
  if (lease === undefined) {
    return {
      state: { phase: 'Following', seen: undefined },
      effect: { type: 'Create', record: fresh(identity, nowMs, 0, timing) },
    }
  }
  const same = state.seen !== undefined && state.seen.lease.resourceVersion === lease.resourceVersion
  const seen: SeenLease = same && state.seen !== undefined ? state.seen : { lease, sinceMs: nowMs }
  const { holderIdentity, leaseDurationSeconds, leaseTransitions } = lease.record
  const isFree = holderIdentity === '' || holderIdentity === identity
  const isExpired = nowMs - seen.sinceMs >= Math.max(1, leaseDurationSeconds) * 1000
  if (!isFree && !isExpired) return { state: { phase: 'Following', seen }, effect: { type: 'Wait' } }
  const transitions = leaseTransitions + (holderIdentity === identity ? 0 : 1)
  return {
    state: { phase: 'Following', seen },
    effect: {
      type: 'Update',
      record: fresh(identity, nowMs, transitions, timing),
      resourceVersion: lease.resourceVersion,
    },
  }
}

function stepLeading(
  state: LeaderState & { phase: 'Leading' },
  input: LeaderInput,
  identity: string,
  nowMs: number,
  timing: LeaderTiming,
): LeaderStep {
  switch (input.type) {
    case 'Stop': {
      // A lease of one second and no holder: the next candidate takes it at its next look.
      const record = { ...state.lease.record, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(nowMs) }
      return {
        state: { phase: 'Released' },
        effect: { type: 'Update', record, resourceVersion: state.lease.resourceVersion },
      }
    }
    case 'Written':
      return {
        state: { phase: 'Leading', lease: input.lease, renewedMs: input.startedMs },
        effect: { type: 'Wait' },
      }
    case 'Read': {
      const { lease } = input
      if (lease !== undefined && lease.record.holderIdentity !== identity) {
        const holder = lease.record.holderIdentity === '' ? 'nobody' : lease.record.holderIdentity
        return { state: { phase: 'Lost', reason: `the lease is held by ${holder}` }, effect: undefined }
      }
      if (lease === undefined) {
        const record = fresh(identity, nowMs, state.lease.record.leaseTransitions, timing)
        return { state, effect: { type: 'Create', record } }
      }
      return { state: { ...state, lease }, effect: renewal(lease, nowMs, timing) }
    }
    case 'Failed': {
      if (nowMs - state.renewedMs < timing.renewDeadlineMs) return { state, effect: { type: 'Wait' } }
      const reason = `the lease could not be renewed for ${timing.renewDeadlineMs} ms: ${input.reason}`
      return { state: { phase: 'Lost', reason }, effect: undefined }
    }
  }
}

/** The write that keeps a lease. */
export function renewal(lease: ObservedLease, nowMs: number, timing: LeaderTiming): LeaderEffect {
  const record = {
    ...lease.record,
    leaseDurationSeconds: Math.ceil(timing.leaseDurationMs / 1000),
    renewTime: microTime(nowMs),
  }
  return { type: 'Update', record, resourceVersion: lease.resourceVersion }
}

function fresh(identity: string, nowMs: number, leaseTransitions: number, timing: LeaderTiming): LeaseRecord {
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(timing.leaseDurationMs / 1000),
    acquireTime: microTime(nowMs),
    renewTime: microTime(nowMs),
    leaseTransitions,
  }
}

function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}
