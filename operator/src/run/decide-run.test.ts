import { AmxError, type MetadataRun, type RunPhase, unknownAsset } from '@amx/api'
import type { RunObservation } from '@amx/store'
import { describe, expect, it } from 'vitest'
import { decideRun } from './decide-run.ts'
import {
  fixtureBegin,
  fixtureCondition,
  fixtureJob,
  fixtureNowMs,
  fixtureObservation,
  fixturePod,
  fixtureRun,
  observed,
  settled,
} from './run-fixture.ts'
import type { RunObserved } from './run-observed.ts'

const keyRefused = new AmxError('AMX-3001', { provider: 'OpenAI', detail: '401' }).report()
const storeDown = new AmxError('AMX-9002', { detail: 'connection refused' }).report()
const nothing = { kind: 'Unavailable', error: storeDown } as const
const auto = { review: { strategy: 'Auto', accept: 'High' }, apply: { policy: 'OnAccept' } } as const
const activeSince = (lastTransitionTime: string): MetadataRun['status'] => ({
  phase: 'Running',
  startTime: '2026-11-20T01:00:00.000Z',
  conditions: [fixtureCondition({ type: 'Reconciling', lastTransitionTime })],
})

function intentsOf(observation: RunObserved): string[] {
  return decideRun(observation).intents.map((intent) => {
    if (intent.kind === 'CreateJob') return `CreateJob ${intent.stage} ${intent.attempt}`
    if (intent.kind === 'SetDesiredState') return `SetDesiredState ${intent.state}`
    if (intent.kind === 'DeleteJob') return `DeleteJob ${intent.name}`
    return intent.kind
  })
}

interface Row {
  readonly when: string
  readonly given: RunObserved
  readonly phase: RunPhase
  readonly reason: string
  readonly does: readonly string[]
}

const beforeBegin = (changes: Partial<RunObserved>): RunObserved =>
  observed(fixtureObservation(), { store: { kind: 'NotBegun' }, ...changes })
const withSpec = (spec: Partial<MetadataRun['spec']>, status?: MetadataRun['status']) =>
  fixtureRun({ spec, ...(status && { status }) })
const begun = (store: RunObservation, changes: Partial<RunObserved> = {}): RunObserved => observed(store, changes)
const unsupported = new AmxError('AMX-1002', { field: 'spec.generation.batchAPI' }).report()
const noProfile = new AmxError('AMX-1003', { kind: 'LLMProfile', name: 'model', namespace: 'team' }).report()
const profileDone = fixtureJob({
  stage: 'profile',
  state: 'Complete',
  pods: [fixturePod({ state: 'Succeeded', exitCode: 0 })],
})

const budget = { maximumCostUsd: '5', maximumTokens: 0 }
const budgetSpec = { maximumCost: '5' }
const reviewSpec = { maximumCost: '5', onExhausted: 'Review' } as const
const usedUp = new AmxError('AMX-1030', { limit: '$5', used: '$4.98', wanted: '$0.04' }).report()
/** Profiled, and half of it drafted. */
const midway = (changes: Parameters<typeof fixtureObservation>[0] = {}): RunObservation =>
  fixtureObservation({
    scopeResolved: true,
    profiled: true,
    summary: { tables: { total: 2, settled: 1 }, columns: { profiled: 10, drafted: 5 }, confidence: { high: 5 } },
    units: { draft: { waiting: 5 } },
    ...changes,
  })

const table: Row[] = [
  {
    when: 'everything it refers to is there',
    given: beforeBegin({}),
    phase: 'Pending',
    reason: 'Accepted',
    does: ['BeginRun'],
  },
  {
    when: 'a field is used that this version does not act on',
    given: beforeBegin({ preparation: { kind: 'Refused', error: unsupported, reason: 'NotYetSupported' } }),
    phase: 'Failed',
    reason: 'NotYetSupported',
    does: [],
  },
  {
    when: 'a profile is missing',
    given: beforeBegin({ preparation: { kind: 'Waiting', error: noProfile, reason: 'ProfileNotFound' } }),
    phase: 'Pending',
    reason: 'ProfileNotFound',
    does: [],
  },
  {
    when: 'it is suspended before it begins',
    given: beforeBegin({ run: withSpec({ desiredState: 'Suspend' }) }),
    phase: 'Suspended',
    reason: 'Suspended',
    does: [],
  },
  {
    when: 'it is cancelled before it begins',
    given: beforeBegin({ run: withSpec({ desiredState: 'Cancel' }) }),
    phase: 'Cancelled',
    reason: 'Cancelled',
    does: [],
  },
  {
    when: 'the same run finished before',
    given: beforeBegin({ store: { kind: 'AlreadyCompleted', summary: settled().summary } }),
    phase: 'Succeeded',
    reason: 'AlreadyCompleted',
    does: [],
  },
  {
    when: 'what it goes on from is not as its spec says',
    given: beforeBegin({
      store: { kind: 'Refused', error: unknownAsset(['sales.nope']).report() },
    }),
    phase: 'Failed',
    reason: 'UnknownAsset',
    does: [],
  },
  {
    when: 'the drafts of its source are not settled',
    given: beforeBegin({
      preparation: {
        kind: 'Waiting',
        error: new AmxError('AMX-1023', { run: 'source' }).report(),
        reason: 'SourceNotDrafted',
        retryMs: 5_000,
      },
    }),
    phase: 'Pending',
    reason: 'SourceNotDrafted',
    does: [],
  },
  {
    when: 'it has begun',
    given: begun(fixtureObservation()),
    phase: 'Running',
    reason: 'Running',
    does: ['CreateJob profile 1', 'CreateJob draft 1'],
  },
  {
    when: 'both Jobs are at work',
    given: begun(fixtureObservation({ scopeResolved: true }), {
      jobs: [fixtureJob({ stage: 'profile' }), fixtureJob({ stage: 'draft' })],
    }),
    phase: 'Running',
    reason: 'Profiling',
    does: [],
  },
  {
    when: 'profiling is done and drafting goes on',
    given: begun(fixtureObservation({ scopeResolved: true, profiled: true }), { jobs: [profileDone, fixtureJob()] }),
    phase: 'Running',
    reason: 'Drafting',
    does: [],
  },
  {
    when: 'a person deleted the draft Job',
    given: begun(fixtureObservation({ scopeResolved: true, profiled: true }), {
      run: fixtureRun({ status: { jobs: [{ stage: 'draft', name: 'shop-draft-1', attempt: 1, state: 'Running' }] } }),
    }),
    phase: 'Running',
    reason: 'Drafting',
    does: ['CreateJob draft 2'],
  },
  {
    when: 'a worker met a fault no retry can mend',
    given: begun(fixtureObservation({ fatalError: keyRefused }), { jobs: [fixtureJob()] }),
    phase: 'Failed',
    reason: 'ModelAuthenticationFailed',
    does: [],
  },
  {
    when: 'nothing is in scope',
    given: begun(fixtureObservation({ scopeResolved: true, plannedAssets: 0, summary: { tables: { total: 0 } } })),
    phase: 'Failed',
    reason: 'ScopeEmpty',
    does: [],
  },
  {
    when: 'the only names in scope do not exist',
    given: begun(
      fixtureObservation({
        scopeResolved: true,
        plannedAssets: 0,
        summary: { tables: { total: 0 } },
        unknownAssets: ['slaes (nearest: sales)'],
      }),
    ),
    phase: 'Failed',
    reason: 'UnknownAsset',
    does: [],
  },
  {
    when: 'everything in scope has a comment already',
    given: begun(fixtureObservation({ scopeResolved: true, plannedAssets: 0, summary: { columns: { skipped: 10 } } })),
    phase: 'Succeeded',
    reason: 'NothingToDo',
    does: [],
  },
  {
    when: 'the schemas in scope have a comment already, and no table is in scope',
    given: begun(
      fixtureObservation({ scopeResolved: true, plannedAssets: 0, leftOut: 3, summary: { tables: { total: 0 } } }),
    ),
    phase: 'Succeeded',
    reason: 'NothingToDo',
    does: [],
  },
  {
    when: 'nothing in scope may be read',
    given: begun(
      fixtureObservation({
        scopeResolved: true,
        plannedAssets: 0,
        lastError: new AmxError('AMX-2003', { asset: 'hr.salary', detail: 'denied' }).report(),
      }),
    ),
    phase: 'Failed',
    reason: 'PermissionDenied',
    does: [],
  },
  {
    when: 'nothing could be drafted',
    given: begun(
      settled({
        summary: { draftDigest: null, columns: { drafted: 0, failed: 10 }, review: { unreviewed: 0 } },
        lastError: keyRefused,
      }),
    ),
    phase: 'Failed',
    reason: 'ModelAuthenticationFailed',
    does: [],
  },
  {
    when: 'the model refused everything, or the reader may read none of it',
    given: begun(
      settled({ summary: { draftDigest: null, columns: { drafted: 0, skipped: 10 }, review: { unreviewed: 0 } } }),
    ),
    phase: 'Failed',
    reason: 'NothingDrafted',
    does: [],
  },
  {
    when: 'only tables were asked for and drafted',
    given: begun(
      settled({ summary: { draftDigest: null, columns: { planned: 0, drafted: 0 }, review: { unreviewed: 2 } } }),
    ),
    phase: 'Running',
    reason: 'Drafting',
    does: ['SettleDrafts'],
  },
  {
    when: 'everything is drafted',
    given: begun(settled({ summary: { draftDigest: null } })),
    phase: 'Running',
    reason: 'Drafting',
    does: ['SettleDrafts'],
  },
  {
    when: 'the drafts are settled and a person decides',
    given: begun(settled()),
    phase: 'AwaitingReview',
    reason: 'AwaitingReview',
    does: [],
  },
  {
    when: 'the drafts are settled and a policy decides',
    given: begun(settled(), { run: withSpec(auto) }),
    phase: 'Running',
    reason: 'Drafting',
    does: ['AcceptByPolicy'],
  },
  {
    when: 'the policy accepted some rows',
    given: begun(settled({ applyWanted: true, summary: { review: { unreviewed: 2, accepted: 10, queued: 10 } } }), {
      run: withSpec(auto),
      policyAccepted: true,
    }),
    phase: 'Applying',
    reason: 'Applying',
    does: ['PlanApply'],
  },
  {
    when: 'the policy accepted nothing',
    given: begun(settled(), { run: withSpec(auto), policyAccepted: true }),
    phase: 'AwaitingReview',
    reason: 'AwaitingReview',
    does: [],
  },
  {
    when: 'rows are planned for writing',
    given: begun(settled({ units: { apply: { waiting: 2 } }, summary: { review: { queued: 10 } } }), {
      run: withSpec(auto),
      policyAccepted: true,
      plannedRows: 10,
    }),
    phase: 'Applying',
    reason: 'Applying',
    does: ['CreateJob apply 1'],
  },
  {
    when: 'what was accepted is written and rows are undecided',
    given: begun(settled({ summary: { review: { unreviewed: 2, accepted: 10, queued: 0 }, apply: { applied: 10 } } }), {
      run: withSpec(auto),
      policyAccepted: true,
    }),
    phase: 'AwaitingReview',
    reason: 'AwaitingReview',
    does: [],
  },
  {
    when: 'everything is written',
    given: begun(settled({ summary: { review: { unreviewed: 0, accepted: 12 }, apply: { applied: 12 } } }), {
      run: withSpec(auto),
      policyAccepted: true,
    }),
    phase: 'Succeeded',
    reason: 'Succeeded',
    does: [],
  },
  {
    when: 'some rows could not be written',
    given: begun(
      settled({
        summary: { review: { unreviewed: 0, accepted: 12, queued: 2 }, apply: { applied: 10, failed: 1, refused: 1 } },
      }),
      { run: withSpec(auto), policyAccepted: true },
    ),
    phase: 'PartiallyApplied',
    reason: 'PartiallyApplied',
    does: [],
  },
  {
    when: 'no row could be written',
    given: begun(
      settled({
        summary: { review: { unreviewed: 0, accepted: 12, queued: 12 }, apply: { failed: 12 } },
        lastError: new AmxError('AMX-2008', { asset: 'shop.plant', detail: 'must be owner' }).report(),
      }),
      { run: withSpec(auto), policyAccepted: true },
    ),
    phase: 'Failed',
    reason: 'NotOwner',
    does: [],
  },
  {
    when: 'a person accepted more rows after some were written',
    given: begun(
      settled({ applyWanted: true, summary: { review: { unreviewed: 0, queued: 2 }, apply: { applied: 10 } } }),
      {
        run: withSpec(auto),
        policyAccepted: true,
      },
    ),
    phase: 'Applying',
    reason: 'Applying',
    does: ['PlanApply'],
  },
  {
    when: 'every row is decided and nothing is to be written',
    given: begun(settled({ summary: { review: { unreviewed: 0, accepted: 12, queued: 12 } } })),
    phase: 'Succeeded',
    reason: 'Reviewed',
    does: [],
  },
  {
    when: 'a decision asks for writing although the run does not',
    given: begun(settled({ applyWanted: true, summary: { review: { unreviewed: 5, accepted: 7, queued: 7 } } })),
    phase: 'Applying',
    reason: 'Applying',
    does: ['PlanApply'],
  },
  {
    when: 'a decision that asks for writing is still being recorded',
    given: begun(settled({ summary: { review: { unreviewed: 0, accepted: 12, queued: 12 } } }), {
      applyBeingDecided: true,
    }),
    phase: 'AwaitingReview',
    reason: 'AwaitingReview',
    does: [],
  },
  {
    when: 'another decision asks for writing while rows are being written',
    given: begun(
      settled({
        applyWanted: true,
        units: { apply: { leased: 1 } },
        summary: { review: { unreviewed: 3, accepted: 9, queued: 4 }, apply: { applied: 5 } },
      }),
      { jobs: [fixtureJob({ stage: 'apply' })] },
    ),
    phase: 'Applying',
    reason: 'Applying',
    does: ['PlanApply'],
  },
  {
    when: 'the rows of decisions that asked for it are written and others wait for another run',
    given: begun(settled({ summary: { review: { unreviewed: 0, accepted: 12, queued: 5 }, apply: { applied: 7 } } })),
    phase: 'Succeeded',
    reason: 'Succeeded',
    does: [],
  },
  {
    when: 'a row that failed was decided again and is written',
    given: begun(
      settled({ summary: { review: { unreviewed: 0, accepted: 12, queued: 0 }, apply: { applied: 12, failed: 1 } } }),
      { run: withSpec(auto), policyAccepted: true },
    ),
    phase: 'Succeeded',
    reason: 'Succeeded',
    does: [],
  },
  {
    when: 'a rollback has begun',
    given: begun(fixtureObservation(), { run: withSpec({ type: 'Rollback' }) }),
    phase: 'Applying',
    reason: 'Applying',
    does: ['PlanApply'],
  },
  {
    when: 'a rollback finds that somebody else wrote meanwhile',
    given: begun(fixtureObservation({ summary: { apply: { applied: 2, refused: 1 } } }), {
      run: withSpec({ type: 'Rollback' }),
    }),
    phase: 'PartiallyApplied',
    reason: 'PartiallyApplied',
    does: [],
  },
  {
    when: 'another run over the same tables took over all accepted rows',
    given: begun(settled({ summary: { review: { unreviewed: 0, accepted: 12, queued: 0 } } }), {
      run: withSpec(auto),
      policyAccepted: true,
    }),
    phase: 'Succeeded',
    reason: 'NothingToDo',
    does: [],
  },
  {
    when: 'a dry run went through',
    given: begun(settled({ summary: { review: { unreviewed: 0, accepted: 12, queued: 12 } } }), {
      run: withSpec({ apply: { policy: 'OnAccept', dryRun: true } }),
      jobs: [fixtureJob({ stage: 'apply', state: 'Complete' })],
    }),
    phase: 'Succeeded',
    reason: 'DryRun',
    does: [],
  },
  {
    when: 'a run of type Apply has begun',
    given: begun(fixtureObservation({ summary: { review: { queued: 3 } } }), { run: withSpec({ type: 'Apply' }) }),
    phase: 'Applying',
    reason: 'Applying',
    does: ['PlanApply'],
  },
  {
    when: 'the source of a run of type Apply has nothing queued',
    given: begun(fixtureObservation(), { run: withSpec({ type: 'Apply' }), plannedRows: 0 }),
    phase: 'Succeeded',
    reason: 'NothingToDo',
    does: [],
  },
  {
    when: 'a run of type Apply has written everything',
    given: begun(fixtureObservation({ summary: { apply: { applied: 3 } } }), { run: withSpec({ type: 'Apply' }) }),
    phase: 'Succeeded',
    reason: 'Succeeded',
    does: [],
  },
  {
    when: 'a person suspends it',
    given: begun(fixtureObservation(), { run: withSpec({ desiredState: 'Suspend' }), jobs: [fixtureJob()] }),
    phase: 'Suspended',
    reason: 'Suspended',
    does: ['SetDesiredState Suspend'],
  },
  {
    when: 'its budget is used up',
    given: begun(midway({ budget: { limit: budget, error: usedUp } }), { run: withSpec({ budget: budgetSpec }) }),
    phase: 'Suspended',
    reason: 'BudgetExhausted',
    does: [],
  },
  {
    when: 'its budget was raised after it was used up',
    given: begun(midway({ budget: { limit: budget, error: usedUp } }), {
      run: withSpec({ budget: { maximumCost: '9' } }),
    }),
    phase: 'Running',
    reason: 'Drafting',
    does: ['SetBudget'],
  },
  {
    when: 'its budget was taken away',
    given: begun(midway({ budget: { limit: budget, error: usedUp } })),
    phase: 'Running',
    reason: 'Drafting',
    does: ['SetBudget'],
  },
  {
    when: 'its budget has room',
    given: begun(midway({ budget: { limit: budget, error: null } }), { run: withSpec({ budget: budgetSpec }) }),
    phase: 'Running',
    reason: 'Drafting',
    does: ['CreateJob draft 1'],
  },
  {
    when: 'its budget is used up and what is drafted is to be reviewed',
    given: begun(midway({ budget: { limit: budget, error: usedUp } }), { run: withSpec({ budget: reviewSpec }) }),
    phase: 'Running',
    reason: 'Drafting',
    does: ['LeaveOutUndrafted'],
  },
  {
    when: 'the same while tables are still profiled',
    given: begun(midway({ profiled: false, budget: { limit: budget, error: usedUp } }), {
      run: withSpec({ budget: reviewSpec }),
    }),
    phase: 'Running',
    reason: 'Drafting',
    does: ['CreateJob profile 1'],
  },
  {
    when: 'the rest was left out for want of budget',
    given: begun(midway({ drafted: true, budget: { limit: budget, error: usedUp } }), {
      run: withSpec({ budget: reviewSpec }),
    }),
    phase: 'Running',
    reason: 'Drafting',
    does: ['SettleDrafts'],
  },
  {
    when: 'the budget was used up before anything was drafted',
    given: begun(
      fixtureObservation({
        scopeResolved: true,
        profiled: true,
        drafted: true,
        budget: { limit: budget, error: usedUp },
      }),
      { run: withSpec({ budget: reviewSpec }) },
    ),
    phase: 'Failed',
    reason: 'BudgetExhausted',
    does: [],
  },
  {
    when: 'its budget is used up and a person suspends it',
    given: begun(midway({ budget: { limit: budget, error: usedUp } }), {
      run: withSpec({ budget: budgetSpec, desiredState: 'Suspend' }),
    }),
    phase: 'Suspended',
    reason: 'Suspended',
    does: ['SetDesiredState Suspend'],
  },
  {
    when: 'a person lets it go on',
    given: begun(fixtureObservation({ desiredState: 'Suspend' })),
    phase: 'Running',
    reason: 'Running',
    does: ['SetDesiredState Run'],
  },
  {
    when: 'a person cancels it while a worker is at work',
    given: begun(fixtureObservation(), { run: withSpec({ desiredState: 'Cancel' }), jobs: [fixtureJob()] }),
    phase: 'Pending',
    reason: 'Cancelling',
    does: ['SetDesiredState Cancel'],
  },
  {
    when: 'it is being cancelled and a worker does not stop in time',
    given: begun(fixtureObservation({ desiredState: 'Cancel' }), {
      run: withSpec({ desiredState: 'Cancel' }),
      jobs: [fixtureJob()],
      stoppingSinceMs: fixtureNowMs - 30_000,
    }),
    phase: 'Pending',
    reason: 'Cancelling',
    does: ['DeleteJob shop-draft-1'],
  },
  {
    when: 'it is being cancelled and a pod never started',
    given: begun(fixtureObservation({ desiredState: 'Cancel' }), {
      run: withSpec({ desiredState: 'Cancel' }),
      jobs: [fixtureJob({ pods: [fixturePod({ state: 'Pending' })] })],
      stoppingSinceMs: fixtureNowMs,
    }),
    phase: 'Pending',
    reason: 'Cancelling',
    does: ['DeleteJob shop-draft-1'],
  },
  {
    when: 'it was cancelled and the workers are gone',
    given: begun(fixtureObservation({ desiredState: 'Cancel' }), { run: withSpec({ desiredState: 'Cancel' }) }),
    phase: 'Cancelled',
    reason: 'Cancelled',
    does: [],
  },
  {
    when: 'everything was written at the very moment it was cancelled',
    given: begun(settled({ desiredState: 'Cancel', summary: { review: { unreviewed: 0 }, apply: { applied: 12 } } }), {
      run: withSpec({ desiredState: 'Cancel' }),
    }),
    phase: 'Cancelled',
    reason: 'Cancelled',
    does: [],
  },
  {
    when: 'it was active for longer than its deadline',
    given: begun(fixtureObservation(), { run: withSpec({}, activeSince('2026-11-20T04:59:00.000Z')) }),
    phase: 'Failed',
    reason: 'DeadlineExceeded',
    does: ['SetDesiredState Cancel'],
  },
  {
    when: 'it waited for a person for longer than its deadline',
    given: begun(settled(), {
      run: withSpec(
        {},
        {
          phase: 'AwaitingReview',
          startTime: '2026-11-01T00:00:00Z',
          duration: '2m0s',
          conditions: [
            fixtureCondition({ type: 'Reconciling', status: 'False', lastTransitionTime: '2026-11-01T00:02:00Z' }),
          ],
        },
      ),
    }),
    phase: 'AwaitingReview',
    reason: 'AwaitingReview',
    does: [],
  },
  {
    when: 'its Job failed a moment ago',
    given: begun(fixtureObservation({ scopeResolved: true, profiled: true }), {
      jobs: [fixtureJob({ state: 'Failed', finishedAtMs: fixtureNowMs })],
    }),
    phase: 'Running',
    reason: 'Retrying',
    does: [],
  },
  {
    when: 'its Job failed and the pause is over',
    given: begun(fixtureObservation({ scopeResolved: true, profiled: true }), {
      jobs: [fixtureJob({ state: 'Failed', pods: [fixturePod({ state: 'Failed', exitCode: 137 })] })],
    }),
    phase: 'Running',
    reason: 'Drafting',
    does: ['ReleaseUnits', 'CreateJob draft 2'],
  },
  {
    when: 'its pod lacks a Secret',
    given: begun(fixtureObservation({ scopeResolved: true, profiled: true }), {
      jobs: [
        fixtureJob({
          pods: [
            fixturePod({
              state: 'Pending',
              stuck: { reason: 'CreateContainerConfigError', message: 'secret "openai" not found' },
            }),
          ],
        }),
      ],
    }),
    phase: 'Running',
    reason: 'SecretMissing',
    does: [],
  },
  {
    when: 'no pod is made for its Job',
    given: begun(fixtureObservation({ scopeResolved: true, profiled: true }), { jobs: [fixtureJob({ pods: [] })] }),
    phase: 'Running',
    reason: 'PodCannotStart',
    does: [],
  },
  {
    when: 'no node has room for its pod',
    given: begun(fixtureObservation({ scopeResolved: true, profiled: true }), {
      jobs: [
        fixtureJob({
          pods: [
            fixturePod({ state: 'Pending', stuck: { reason: 'Unschedulable', message: '0/3 nodes are available' } }),
          ],
        }),
      ],
    }),
    phase: 'Running',
    reason: 'PodCannotStart',
    does: [],
  },
]

describe('a run', () => {
  it.each(table)('when $when, is $phase ($reason)', ({ given, phase, reason, does }) => {
    const decision = decideRun(given)
    expect({ phase: decision.phase, reason: decision.reason, does: intentsOf(given) }).toEqual({ phase, reason, does })
  })

  it.each(table)('says in a sentence how it stands when $when', ({ given }) => {
    expect(decideRun(given).message).toMatch(/^.{10,}[.…)]$/)
  })

  it('looks again by itself while it is at work, and not while a person decides', () => {
    expect(decideRun(begun(fixtureObservation())).requeueAfterMs).toBe(10_000)
    expect(decideRun(begun(settled())).requeueAfterMs).toBeNull()
  })

  it('names the code and the remedy when it fails', () => {
    const { message, lastError } = decideRun(begun(fixtureObservation({ fatalError: keyRefused })))
    expect(lastError).toEqual(keyRefused)
    expect(message).toBe(
      'OpenAI refused the API key: 401. Check the key in the Secret the LLMProfile names. (AMX-3001)',
    )
  })

  it('waits for a store that is down without losing where it is', () => {
    const status = activeSince('2026-11-20T08:59:00.000Z')
    const decision = decideRun(begun(fixtureObservation(), { store: nothing, run: withSpec({}, status) }))
    expect(decision).toMatchObject({ phase: 'Running', intents: [], stages: {}, lastError: { code: 'AMX-9002' } })
    expect(decision.ready).toMatchObject({ status: 'False', reason: 'StoreUnavailable' })
  })

  it('stays ready for review while the store is down', () => {
    const status: MetadataRun['status'] = { phase: 'AwaitingReview' }
    expect(decideRun(begun(settled(), { store: nothing, run: withSpec({}, status) })).ready).toBeUndefined()
  })

  it('is not ended by a cancel while the store cannot be told, but its Jobs are removed', () => {
    const run = withSpec({ desiredState: 'Cancel' }, activeSince('2026-11-20T08:59:00.000Z'))
    const decision = decideRun(begun(fixtureObservation(), { store: nothing, run, jobs: [fixtureJob()] }))
    expect(decision).toMatchObject({ phase: 'Running', intents: [{ kind: 'DeleteJob', name: 'shop-draft-1' }] })
  })

  it('begins with exactly what was prepared', () => {
    expect(decideRun(beforeBegin({})).intents).toEqual([{ kind: 'BeginRun', request: fixtureBegin() }])
  })
})
