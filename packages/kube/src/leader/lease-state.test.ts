import { expect, test } from 'vitest'
import {
  type LeaderEffect,
  type LeaderInput,
  type LeaderState,
  type LeaseRecord,
  type ObservedLease,
  stepLeader,
} from './lease-state.ts'

const timing = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 }
const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5)
const now = '2026-01-02T03:04:05.000000Z'

function lease(holderIdentity: string, resourceVersion = '7', facts: Partial<LeaseRecord> = {}): ObservedLease {
  const record = {
    holderIdentity,
    leaseDurationSeconds: 15,
    acquireTime: 'then',
    renewTime: 'then',
    leaseTransitions: 3,
    ...facts,
  }
  return { resourceVersion, record }
}

function taken(leaseTransitions: number): LeaseRecord {
  return { holderIdentity: 'me', leaseDurationSeconds: 15, acquireTime: now, renewTime: now, leaseTransitions }
}

const nobody: LeaderState = { phase: 'Following', seen: undefined }
const mine = lease('me')
const leading: LeaderState = { phase: 'Leading', lease: mine, renewedMs: nowMs - 5_000 }

function seenSince(sinceMs: number): LeaderState {
  return { phase: 'Following', seen: { lease: lease('other'), sinceMs } }
}

interface Row {
  readonly when: string
  readonly state: LeaderState
  readonly input: LeaderInput
  readonly to: LeaderState
  readonly effect: LeaderEffect | undefined
}

const table: readonly Row[] = [
  {
    when: 'no lease: it is made',
    state: nobody,
    input: { type: 'Read', lease: undefined },
    to: nobody,
    effect: { type: 'Create', record: taken(0) },
  },
  {
    when: "another's lease seen for the first time: its time starts now, by our own clock",
    state: nobody,
    input: { type: 'Read', lease: lease('other') },
    to: seenSince(nowMs),
    effect: { type: 'Wait' },
  },
  {
    when: "another's lease not renewed, but not for long enough: wait",
    state: seenSince(nowMs - 14_999),
    input: { type: 'Read', lease: lease('other') },
    to: seenSince(nowMs - 14_999),
    effect: { type: 'Wait' },
  },
  {
    when: "another's lease not renewed for its duration: it is taken",
    state: seenSince(nowMs - 15_000),
    input: { type: 'Read', lease: lease('other') },
    to: seenSince(nowMs - 15_000),
    effect: { type: 'Update', record: taken(4), resourceVersion: '7' },
  },
  {
    when: "another's lease renewed: its time starts over",
    state: seenSince(nowMs - 60_000),
    input: { type: 'Read', lease: lease('other', '8') },
    to: { phase: 'Following', seen: { lease: lease('other', '8'), sinceMs: nowMs } },
    effect: { type: 'Wait' },
  },
  {
    when: 'a lease given back: it is taken at once',
    state: nobody,
    input: { type: 'Read', lease: lease('', '9', { leaseDurationSeconds: 1 }) },
    to: {
      phase: 'Following',
      seen: { lease: lease('', '9', { leaseDurationSeconds: 1 }), sinceMs: nowMs },
    },
    effect: { type: 'Update', record: taken(4), resourceVersion: '9' },
  },
  {
    when: 'our own lease from before a restart: taken without a transition',
    state: nobody,
    input: { type: 'Read', lease: mine },
    to: { phase: 'Following', seen: { lease: mine, sinceMs: nowMs } },
    effect: { type: 'Update', record: taken(3), resourceVersion: '7' },
  },
  {
    when: 'our write was accepted: we lead, from when it was sent',
    state: nobody,
    input: { type: 'Written', lease: mine, startedMs: nowMs - 300 },
    to: { phase: 'Leading', lease: mine, renewedMs: nowMs - 300 },
    effect: { type: 'Started' },
  },
  {
    when: 'our write came second: follow on',
    state: nobody,
    input: { type: 'Failed', reason: 'conflict' },
    to: nobody,
    effect: { type: 'Wait' },
  },
  {
    when: 'a renewal was accepted',
    state: leading,
    input: { type: 'Written', lease: lease('me', '8'), startedMs: nowMs },
    to: { phase: 'Leading', lease: lease('me', '8'), renewedMs: nowMs },
    effect: { type: 'Wait' },
  },
  {
    when: 'a renewal failed within the deadline: lead on',
    state: leading,
    input: { type: 'Failed', reason: 'timeout' },
    to: leading,
    effect: { type: 'Wait' },
  },
  {
    when: 'no renewal for the deadline: lost',
    state: { phase: 'Leading', lease: mine, renewedMs: nowMs - 10_000 },
    input: { type: 'Failed', reason: 'timeout' },
    to: { phase: 'Lost', reason: 'the lease could not be renewed for 10000 ms: timeout' },
    effect: undefined,
  },
  {
    when: 'somebody else holds it: lost',
    state: leading,
    input: { type: 'Read', lease: lease('other', '9') },
    to: { phase: 'Lost', reason: 'the lease is held by other' },
    effect: undefined,
  },
  {
    when: 'somebody changed the object but not the holder: renewed on the new version',
    state: leading,
    input: { type: 'Read', lease: lease('me', '12') },
    to: { phase: 'Leading', lease: lease('me', '12'), renewedMs: nowMs - 5_000 },
    effect: { type: 'Update', record: { ...mine.record, renewTime: now }, resourceVersion: '12' },
  },
  {
    when: 'somebody deleted it: made again',
    state: leading,
    input: { type: 'Read', lease: undefined },
    to: leading,
    effect: { type: 'Create', record: taken(3) },
  },
  {
    when: 'a leader stops: the lease is given back',
    state: leading,
    input: { type: 'Stop' },
    to: { phase: 'Released' },
    effect: {
      type: 'Update',
      record: { ...mine.record, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now },
      resourceVersion: '7',
    },
  },
  { when: 'a follower stops', state: nobody, input: { type: 'Stop' }, to: { phase: 'Released' }, effect: undefined },
  {
    when: 'a lost lease stays lost',
    state: { phase: 'Lost', reason: 'x' },
    input: { type: 'Written', lease: mine, startedMs: nowMs },
    to: { phase: 'Lost', reason: 'x' },
    effect: undefined,
  },
]

test.each(table)('$when', ({ state, input, to, effect }) => {
  expect(stepLeader(state, input, 'me', nowMs, timing)).toEqual({ state: to, effect })
})
