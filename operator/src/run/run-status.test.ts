import { AmxError, type MetadataRunStatus } from '@amx/api'
import { describe, expect, it } from 'vitest'
import { rest } from './decision.ts'
import { fixtureCondition, fixtureJob, fixtureNowMs, fixtureObservation, fixtureRun, settled } from './run-fixture.ts'
import { endedJobs, endedStatus, isTransition, runStatus, type StatusInput } from './run-status.ts'
import { stageConditions } from './stage-conditions.ts'

const now = new Date(fixtureNowMs).toISOString()

function statusOf(changes: Partial<StatusInput> = {}): MetadataRunStatus {
  return runStatus({
    run: fixtureRun(),
    decision: rest('Running', 'Drafting', '1 of 2 tables settled.'),
    summary: null,
    frozen: null,
    jobs: [],
    nowMs: fixtureNowMs,
    ...changes,
  })
}

function condition(status: MetadataRunStatus, type: string) {
  return status.conditions?.find((known) => known.type === type)
}

describe('the status of a run', () => {
  it.each([
    ['Pending', 'Unknown', 'False', 'True', 'False'],
    ['Running', 'Unknown', 'False', 'True', 'False'],
    ['AwaitingReview', 'Unknown', 'True', 'False', 'False'],
    ['Applying', 'Unknown', 'False', 'True', 'False'],
    ['Suspended', 'Unknown', 'True', 'False', 'False'],
    ['Succeeded', 'True', 'True', 'False', 'False'],
    ['PartiallyApplied', 'True', 'True', 'False', 'False'],
    ['Failed', 'False', 'False', 'False', 'True'],
    ['Cancelled', 'False', 'False', 'False', 'True'],
  ] as const)('in phase %s has Succeeded %s, Ready %s, Reconciling %s, Stalled %s', (phase, ...wanted) => {
    const status = statusOf({ decision: rest(phase, 'Reason', 'A sentence.') })
    const types = ['Succeeded', 'Ready', 'Reconciling', 'Stalled']
    expect(types.map((type) => condition(status, type)?.status)).toEqual(wanted)
  })

  it('keeps the time of a condition whose status stays, also when its words change', () => {
    const before = statusOf({ nowMs: fixtureNowMs - 60_000 })
    const after = statusOf({
      run: fixtureRun({ status: before }),
      decision: rest('AwaitingReview', 'AwaitingReview', 'A person decides.'),
    })
    expect(condition(after, 'Succeeded')).toMatchObject({
      reason: 'AwaitingReview',
      lastTransitionTime: new Date(fixtureNowMs - 60_000).toISOString(),
    })
    expect(condition(after, 'Ready')).toMatchObject({ status: 'True', lastTransitionTime: now })
  })

  it('carries the figures of the store', () => {
    const { summary } = settled({
      summary: { cost: { amount: '0.0315', calls: 4 }, confidence: { high: 9, mean: 0.8149 } },
    })
    expect(statusOf({ summary })).toMatchObject({
      progress: '2/2',
      columns: { planned: 10, drafted: 10 },
      confidence: { high: 9, mean: '0.81' },
      review: { unreviewed: 12 },
      cost: { amount: '0.0315', currency: 'USD', calls: 4 },
      draft: { digest: 'sha256:d1', rows: 12 },
      startTime: now,
    })
  })

  it('keeps figures and stages while the store cannot be asked', () => {
    const decision = rest('AwaitingReview', 'AwaitingReview', 'A person decides.', {
      stages: stageConditions(fixtureRun(), settled()),
    })
    const before = statusOf({ summary: settled().summary, decision })
    const after = statusOf({ run: fixtureRun({ status: before }), decision: { ...decision, stages: {} } })
    expect(after).toEqual(before)
  })

  it('shows a dry run as one that wrote nothing', () => {
    const run = fixtureRun({ spec: { apply: { dryRun: true } } })
    const { summary } = settled({ summary: { apply: { applied: 12 } } })
    expect(statusOf({ run, summary }).apply).toEqual({ applied: 0, failed: 0, refused: 0, unsupported: 0 })
  })

  it('keeps an overcome error while the run goes on, and drops it when the run succeeds', () => {
    const lastError = new AmxError('AMX-4002', { job: 'shop-draft-1', detail: 'killed' }).report()
    const run = fixtureRun({
      status: statusOf({ decision: rest('Running', 'Retrying', 'Tried again.', { lastError }) }),
    })
    expect(statusOf({ run }).lastError?.code).toBe('AMX-4002')
    expect(statusOf({ run, decision: rest('Succeeded', 'Succeeded', 'Done.') }).lastError).toBeUndefined()
  })

  it('remembers the active time whenever the run rests, and adds to it afterwards', () => {
    const started = fixtureRun({
      status: {
        startTime: '2026-11-20T08:57:47Z',
        duration: '1m0s',
        conditions: [fixtureCondition({ type: 'Reconciling', lastTransitionTime: '2026-11-20T08:57:47Z' })],
      },
    })
    expect(statusOf({ run: started }).duration).toBe('1m0s')
    const resting = statusOf({ run: started, decision: rest('AwaitingReview', 'AwaitingReview', 'A person decides.') })
    expect(resting.duration).toBe('3m13s')
  })

  it('promises nothing about stages a run that ended never reached', () => {
    const stages = stageConditions(fixtureRun(), fixtureObservation())
    const ended = statusOf({ decision: rest('Failed', 'WarehouseAuthenticationFailed', 'Refused.', { stages }) })
    for (const type of ['ScopeResolved', 'Profiled', 'Drafted', 'Reviewed'])
      expect(condition(ended, type)).toMatchObject({
        reason: 'NotReached',
        message: expect.stringMatching(/^The run ended before/),
      })
  })

  it('does not call drafting complete when no column was drafted', () => {
    const store = settled({ summary: { columns: { planned: 10, drafted: 0, skipped: 10 } } })
    expect(stageConditions(fixtureRun(), store).Drafted).toEqual({
      status: 'False',
      reason: 'StageFailed',
      message: '0 columns drafted. The results say why.',
    })
  })

  it('says why a run is kept after its time', () => {
    const kept = statusOf({ decision: rest('Succeeded', 'Succeeded', 'Done.') })
    expect(condition(kept, 'Retained')).toMatchObject({ status: 'True', reason: 'MadeByAPerson' })
    const collected = fixtureRun({ metadata: { labels: { 'amx.dev/origin': 'schedule' } } })
    const done = statusOf({ run: collected, decision: rest('Succeeded', 'Succeeded', 'Done.') })
    expect(condition(done, 'Retained')).toBeUndefined()
  })

  it('stays below 8 KiB with the longest texts and all its Jobs', () => {
    const long = 'ş'.repeat(2_000)
    const judgement = { status: 'False', reason: 'R'.repeat(60), message: long } as const
    const stages = {
      ScopeResolved: judgement,
      Profiled: judgement,
      Drafted: judgement,
      Reviewed: judgement,
      Applied: judgement,
    }
    const lastError = { code: 'AMX-9001', message: long, remedy: long } as const
    const decision = rest('Failed', 'R'.repeat(60), long, { stages, lastError })
    const jobs = Array.from({ length: 15 }, (_, index) =>
      fixtureJob({ name: `${'n'.repeat(50)}-draft-${index}`, attempt: index + 1 }),
    )
    const status = statusOf({ decision, jobs, summary: settled().summary })
    expect(status.jobs).toHaveLength(10)
    expect(Buffer.byteLength(JSON.stringify(status))).toBeLessThan(8 * 1024)
  })
})

describe('a change of a status', () => {
  it('is a transition when a phase or a reason changes, and progress when only figures and words do', () => {
    const before = statusOf({ summary: settled().summary })
    const run = fixtureRun({ status: before })
    const progress = statusOf({
      run,
      summary: settled({ summary: { tables: { settled: 1 } } }).summary,
      decision: rest('Running', 'Drafting', '2 of 2 tables settled.'),
    })
    expect(progress).not.toEqual(before)
    expect(isTransition(before, progress)).toBe(false)
    expect(isTransition(before, statusOf({ run, decision: rest('Running', 'Retrying', 'Tried again.') }))).toBe(true)
  })
})

describe('the Jobs of a run that ended', () => {
  const run = fixtureRun({
    status: {
      phase: 'Failed',
      jobs: [
        { stage: 'profile', name: 'shop-profile-1', attempt: 1, state: 'Succeeded' },
        { stage: 'draft', name: 'shop-draft-1', attempt: 1, state: 'Running' },
      ],
    },
  })

  it('are left while one is at work', () => {
    expect(endedJobs(run, [fixtureJob()])).toBeNull()
  })

  it('are shown as they ended, one that is gone as stopped', () => {
    expect(endedJobs(run, [fixtureJob({ state: 'Failed' })])?.[1]?.state).toBe('Failed')
    expect(endedJobs(run, [])?.[1]?.state).toBe('Stopped')
  })

  it('counts what its workers still paid for after the run had ended', () => {
    const before = statusOf({ summary: settled({ summary: { cost: { amount: '0.01', calls: 1 } } }).summary })
    const late = settled({ summary: { cost: { amount: '0.02', calls: 2 } } }).summary
    const after = endedStatus(fixtureRun({ status: before }), [], late)
    expect(after).toMatchObject({ jobs: [], cost: { amount: '0.02', calls: 2 }, phase: before.phase })
    expect(endedStatus(fixtureRun({ status: before }), [], null).cost).toEqual(before.cost)
  })

  it('are written once', () => {
    expect(endedJobs(fixtureRun({ status: { jobs: [] } }), [fixtureJob({ state: 'Failed' })])).toBeNull()
  })
})
