import { apiVersion, type MetadataRun, type ReviewDecision } from '@amx/api'
import { describe, expect, it } from 'vitest'
import { fixtureNowMs, fixtureRun } from '../run/run-fixture.ts'
import { decideDecision, deletableInMs, isDecided } from './decision-policy.ts'

const day = 24 * 3_600_000

function decision(
  spec: Partial<ReviewDecision['spec']> = {},
  more: Partial<Pick<ReviewDecision, 'status'>> & { metadata?: Partial<ReviewDecision['metadata']> } = {},
): ReviewDecision {
  return {
    apiVersion,
    kind: 'ReviewDecision',
    metadata: {
      name: 'd1',
      namespace: 'team',
      uid: 'd-uid',
      resourceVersion: '5',
      generation: 1,
      creationTimestamp: '2026-11-20T08:59:59Z',
      ...more.metadata,
    },
    spec: {
      runRef: { name: 'shop' },
      draftDigest: `sha256:${'0'.repeat(64)}`,
      reviewer: { username: 'ana' },
      filter: { verdict: 'Accept' },
      ...spec,
    },
    ...(more.status && { status: more.status }),
  }
}

function step(given: ReviewDecision, run: MetadataRun | null, readOnlyProfile: string | null = null) {
  return decideDecision({ ...observed, decision: given, run, readOnlyProfile })
}

const observed = { unchecked: null, stored: null, readOnlyProfile: null, nowMs: fixtureNowMs }

const inPhase = (phase: NonNullable<MetadataRun['status']>['phase']) => fixtureRun({ status: phase ? { phase } : {} })

describe('a decision', () => {
  it('is recorded for the run it names', () => {
    expect(step(decision(), inPhase('AwaitingReview'))).toEqual({ kind: 'Record', runUid: 'uid-1' })
    expect(step(decision({ runRef: { name: 'shop', uid: 'uid-1' } }), inPhase('AwaitingReview')).kind).toBe('Record')
  })

  it('waits a minute for a run that is not there yet, then is refused', () => {
    expect(step(decision(), null)).toMatchObject({ kind: 'Wait', waitMs: 59_000 })
    const old = decision({}, { metadata: { creationTimestamp: '2026-11-20T08:58:00Z' } })
    expect(step(old, null)).toMatchObject({ kind: 'Refuse', reason: 'NotReviewable' })
  })

  it('does not count for a later run of the same name', () => {
    const earlier = decision({ runRef: { name: 'shop', uid: 'uid-0' } })
    expect(step(earlier, inPhase('AwaitingReview'))).toMatchObject({ kind: 'Refuse', reason: 'NotReviewable' })
  })

  it('counts for the run of its uid after that left the cluster, also where another took the name', () => {
    const given = decision({ runRef: { name: 'shop', uid: 'uid-0' } })
    const stored = { uid: 'uid-0', phase: 'Succeeded' } as const
    const recorded = { kind: 'Record', runUid: 'uid-0' }
    expect(decideDecision({ ...observed, decision: given, run: null, stored })).toEqual(recorded)
    expect(decideDecision({ ...observed, decision: given, run: inPhase('Running'), stored })).toEqual(recorded)
    const applying = decision({ runRef: { name: 'shop', uid: 'uid-0' }, apply: true })
    expect(decideDecision({ ...observed, decision: applying, run: null, stored })).toMatchObject({ kind: 'Refuse' })
    const failed = { uid: 'uid-0', phase: 'Failed' } as const
    expect(decideDecision({ ...observed, decision: given, run: null, stored: failed })).toMatchObject({
      kind: 'Refuse',
    })
  })

  it('is refused where nobody checked who made it', () => {
    const unchecked = 'the policy is missing'
    const run = inPhase('AwaitingReview')
    expect(decideDecision({ ...observed, decision: decision(), unchecked, run })).toMatchObject({
      kind: 'Refuse',
      reason: 'ReviewerUnchecked',
      error: { code: 'AMX-1040' },
    })
  })

  it.each(['Cancelled', 'Failed'] as const)('is refused when the run is %s', (phase) => {
    expect(step(decision(), inPhase(phase))).toMatchObject({ kind: 'Refuse', error: { code: 'AMX-1008' } })
  })

  it('cannot ask a run that has ended to write', () => {
    expect(step(decision({ apply: true }), inPhase('Succeeded'))).toMatchObject({ kind: 'Refuse' })
    expect(step(decision(), inPhase('Succeeded')).kind).toBe('Record')
  })

  it('cannot ask for writing through a read-only profile', () => {
    expect(step(decision({ apply: true }), inPhase('AwaitingReview'), 'shop-db')).toMatchObject({
      kind: 'Refuse',
      reason: 'ReadOnlyProfile',
    })
    expect(step(decision(), inPhase('AwaitingReview'), 'shop-db').kind).toBe('Record')
  })
})

describe('a final decision', () => {
  const recorded = (metadata: Partial<ReviewDecision['metadata']> = {}) =>
    decision(
      {},
      {
        metadata,
        status: {
          recordedTime: '2026-11-20T09:00:00.000Z',
          conditions: [
            {
              type: 'Recorded',
              status: 'True',
              reason: 'Recorded',
              message: '',
              lastTransitionTime: '2026-11-20T09:00:00Z',
            },
          ],
        },
      },
    )

  it('is deleted 30 days later', () => {
    expect(isDecided(recorded())).toBe(true)
    expect(deletableInMs(recorded(), fixtureNowMs)).toBe(30 * day)
    expect(deletableInMs(recorded(), fixtureNowMs + 31 * day)).toBeLessThan(0)
  })

  it('is kept while a GitOps tool tracks it', () => {
    const tracked = recorded({
      annotations: { 'argocd.argoproj.io/tracking-id': 'shop:amx.dev/ReviewDecision:team/d1' },
    })
    expect(deletableInMs(tracked, fixtureNowMs + 31 * day)).toBeNull()
  })

  it('is not one that waits for the store', () => {
    const waiting = decision(
      {},
      {
        status: {
          conditions: [
            {
              type: 'Recorded',
              status: 'Unknown',
              reason: 'StoreUnavailable',
              message: '',
              lastTransitionTime: '2026-11-20T09:00:00Z',
            },
          ],
        },
      },
    )
    expect(isDecided(waiting)).toBe(false)
  })
})
