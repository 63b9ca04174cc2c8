import type { MetadataScheduleStatus } from '@amx/api'
import { describe, expect, test } from 'vitest'
import { decideSchedule } from './decide-schedule.ts'
import { requestedRunName, runNameAt, scheduleLabelValue } from './run-names.ts'
import { afterFiring, type ScheduleDecision } from './schedule-decision.ts'
import { fixtureRunView, nowMs, observedSchedule, type ScheduleChanges } from './schedule-fixture.ts'
import type { ScheduleObserved } from './schedule-observed.ts'
import { scheduleStatus } from './schedule-status.ts'

const at = (text: string) => Date.parse(text)
const runAt = (text: string, name = 'nightly') => runNameAt(name, at(text))

interface Outcome {
  readonly created: readonly string[]
  readonly cancelled: readonly string[]
  readonly events: readonly string[]
  readonly status: MetadataScheduleStatus
}

/** What comes of a decision that is carried out without trouble. */
function outcomeOf(observed: ScheduleObserved): Outcome & { readonly decision: ScheduleDecision } {
  const decision = decideSchedule(observed)
  const { firing } = decision
  const progress = firing === null ? decision.progress : afterFiring(decision.progress, firing, observed.nowMs)
  const { error, nextFireMs } = decision
  const named = (kind: string) => decision.intents.flatMap((intent) => (intent.kind === kind ? [intent.name] : []))
  return {
    created: named('CreateRun'),
    cancelled: named('CancelRun'),
    events: decision.events.map(({ reason }) => reason),
    status: scheduleStatus({ observed, progress, created: firing?.run ?? null, error, nextFireMs }),
    decision,
  }
}

interface Case {
  readonly changes?: ScheduleChanges
  readonly more?: Partial<ScheduleObserved>
  readonly created?: readonly string[]
  readonly cancelled?: readonly string[]
  readonly events?: readonly string[]
  readonly status?: Partial<MetadataScheduleStatus>
}

function check({ changes, more, created = [], cancelled = [], events = [], status = {} }: Case): void {
  const outcome = outcomeOf(observedSchedule(changes, more))
  expect({ created: outcome.created, cancelled: outcome.cancelled, events: outcome.events }).toEqual({
    created,
    cancelled,
    events,
  })
  expect(outcome.status).toMatchObject(status)
}

const hourly = { cron: '0 * * * *' }
const handled = (handledUntil: string): MetadataScheduleStatus => ({ handledUntil })

describe('a schedule of times', () => {
  test.each<[string, Case]>([
    [
      'waits for its next time',
      { status: { phase: 'Pending', nextFireTime: '2026-11-22T06:00:00Z', handledUntil: '2026-11-21T06:00:00Z' } },
    ],
    [
      'fires a time that came',
      {
        changes: { spec: hourly, status: handled('2026-11-21T09:00:00Z') },
        created: [runAt('2026-11-21T10:00:00Z')],
        status: {
          phase: 'Running',
          fired: 1,
          lastRunRef: { name: runAt('2026-11-21T10:00:00Z') },
          handledUntil: '2026-11-21T10:00:00Z',
          nextFireTime: '2026-11-21T11:00:00Z',
        },
      },
    ],
    [
      'fires late within the deadline',
      {
        changes: { spec: { cron: '55 9 * * *' }, status: handled('2026-11-20T09:55:00Z') },
        created: [runAt('2026-11-21T09:55:00Z')],
      },
    ],
    [
      'has missed a time that came longer ago',
      {
        changes: { spec: { cron: '45 9 * * *' }, status: handled('2026-11-20T09:45:00Z') },
        events: ['Missed'],
        status: { phase: 'Missed', missed: ['2026-11-21T09:45:00Z'], handledUntil: '2026-11-21T09:45:00Z' },
      },
    ],
    [
      'takes the deadline it is given',
      {
        changes: { spec: { cron: '45 9 * * *', startingDeadline: '1h' }, status: handled('2026-11-20T09:45:00Z') },
        created: [runAt('2026-11-21T09:45:00Z')],
      },
    ],
    [
      'of which nobody looked after for a week has its newest ten missed, and fires what is in time',
      {
        changes: { spec: hourly, status: handled('2026-11-14T10:00:00Z') },
        created: [runAt('2026-11-21T10:00:00Z')],
        events: ['Missed'],
        status: {
          fired: 1,
          missed: Array.from({ length: 10 }, (_, hour) => `2026-11-21T${String(hour).padStart(2, '0')}:00:00Z`),
        },
      },
    ],
    [
      'catches up with one run where it is told to',
      {
        changes: { spec: { cron: '45 * * * *', missed: 'RunOnce' }, status: handled('2026-11-14T10:00:00Z') },
        created: [runAt('2026-11-21T09:45:00Z')],
        status: { fired: 1, handledUntil: '2026-11-21T09:45:00Z', phase: 'Running' },
      },
    ],
    [
      'of which several times came at once fires the newest, which stands for all',
      {
        changes: { spec: { cron: '* * * * *' }, status: handled('2026-11-21T09:55:00Z') },
        created: [runAt('2026-11-21T10:00:00Z')],
        status: { fired: 1, handledUntil: '2026-11-21T10:00:00Z' },
      },
    ],
    [
      'whose run was created before a crash has fired, however long ago',
      {
        changes: { spec: { cron: '45 9 * * *' }, status: handled('2026-11-20T09:45:00Z') },
        more: { runs: [fixtureRunView({ name: runAt('2026-11-21T09:45:00Z') })] },
        created: [runAt('2026-11-21T09:45:00Z')],
        status: { fired: 1, lastRunRef: { name: runAt('2026-11-21T09:45:00Z') } },
      },
    ],
    [
      'does not fire again when the clock is set back a little',
      {
        changes: { spec: hourly, status: handled('2026-11-21T10:00:00Z') },
        more: { nowMs: at('2026-11-21T09:59:30Z') },
        status: { handledUntil: '2026-11-21T10:00:00Z', nextFireTime: '2026-11-21T11:00:00Z' },
      },
    ],
    [
      'goes on after a clock that was years ahead',
      {
        changes: { spec: hourly, status: handled('2031-01-01T00:00:00Z') },
        status: { handledUntil: '2026-11-21T10:00:00Z', nextFireTime: '2026-11-21T11:00:00Z' },
      },
    ],
    [
      'fires an hour that comes twice once',
      {
        changes: {
          spec: { cron: '30 2 * * *', timeZone: 'Europe/Berlin' },
          status: handled('2027-10-31T00:30:00Z'),
        },
        more: { nowMs: at('2027-10-31T01:30:00Z') },
        status: { nextFireTime: '2027-11-01T01:30:00Z' },
      },
    ],
    [
      'fires an hour that is left out when it would be over',
      {
        changes: {
          spec: { cron: '30 2 * * *', timeZone: 'Europe/Berlin' },
          status: handled('2027-03-27T01:30:00Z'),
        },
        more: { nowMs: at('2027-03-28T01:00:00Z') },
        created: [runAt('2027-03-28T01:00:00Z')],
      },
    ],
    [
      'waits for a leap year',
      { changes: { spec: { cron: '0 0 29 2 *' } }, status: { nextFireTime: '2028-02-29T00:00:00Z' } },
    ],
    [
      'that names no day there is says so',
      {
        changes: { spec: { cron: '0 0 30 2 *' } },
        status: { phase: 'Pending', lastError: expect.objectContaining({ code: 'AMX-1083' }) },
      },
    ],
    [
      'that cannot be read says so',
      {
        changes: { spec: { cron: '61 * * * *' } },
        status: { lastError: expect.objectContaining({ code: 'AMX-1081' }) },
      },
    ],
  ])('%s', (_, one) => check(one))
})

describe('what was edited', () => {
  const edited = { timing: 'sha256:t2', changedAtMs: at('2026-11-21T09:58:00Z') }
  test.each<[string, Case]>([
    [
      'fires nothing of the past',
      {
        changes: { spec: { cron: '57 9 * * *' }, status: handled('2026-11-01T00:00:00Z') },
        more: edited,
        status: { handledUntil: '2026-11-21T09:58:00Z', timing: 'sha256:t2', nextFireTime: '2026-11-22T09:57:00Z' },
      },
    ],
    [
      'fires what came between the edit and the return of the operator',
      {
        changes: { spec: { cron: '59 9 * * *' }, status: handled('2026-11-01T00:00:00Z') },
        more: edited,
        created: [runAt('2026-11-21T09:59:00Z')],
      },
    ],
    [
      'fires nothing twice when the clock of the edit is behind',
      {
        changes: { spec: { cron: '59 9 * * *' }, status: handled('2026-11-21T09:59:00Z') },
        more: edited,
        status: { handledUntil: '2026-11-21T09:59:00Z', timing: 'sha256:t2' },
      },
    ],
    [
      'keeps what was missed before',
      {
        changes: { spec: hourly, status: { missed: ['2026-11-20T06:00:00Z'] } },
        more: { ...edited, changedAtMs: nowMs },
        status: { missed: ['2026-11-20T06:00:00Z'] },
      },
    ],
    [
      'in anything but its times changes nothing of them',
      {
        changes: { spec: { cron: '45 9 * * *' }, status: handled('2026-11-20T09:45:00Z'), generation: 7 },
        events: ['Missed'],
        status: { missed: ['2026-11-21T09:45:00Z'], observedGeneration: 7 },
      },
    ],
    [
      'to a time that is over says so and fires nothing',
      {
        changes: { spec: { at: '2026-11-21T09:00' } },
        more: edited,
        status: { phase: 'Failed', lastError: expect.objectContaining({ code: 'AMX-1082' }) },
      },
    ],
  ])('%s', (_, one) => check(one))

  test('or seen for the first time, begins at its creation', () => {
    const observed = observedSchedule({ spec: { cron: '59 9 * * *' } }, { changedAtMs: at('2026-11-21T09:58:30Z') })
    const { status: _, ...schedule } = observed.schedule
    expect(outcomeOf({ ...observed, schedule }).created).toEqual([runAt('2026-11-21T09:59:00Z')])
  })
})

describe('a paused schedule', () => {
  test.each<[string, Case]>([
    [
      'fires nothing and says no time',
      {
        changes: { spec: { ...hourly, suspend: true }, status: handled('2026-11-14T09:00:00Z') },
        status: { phase: 'Paused' },
      },
    ],
    [
      'fires nothing of its pause when it is resumed',
      {
        changes: { spec: hourly, status: { phase: 'Paused', handledUntil: '2026-11-14T09:00:00Z' } },
        more: { timing: 'sha256:t2', changedAtMs: at('2026-11-21T09:59:59Z'), nowMs: at('2026-11-21T09:59:59Z') },
        status: { phase: 'Pending', nextFireTime: '2026-11-21T10:00:00Z' },
      },
    ],
    [
      'runs when a person asks',
      {
        changes: { spec: { ...hourly, suspend: true }, annotations: { 'amx.dev/run-now': 'a' } },
        created: [requestedRunName('nightly', 'uid-1', 'a')],
        status: { phase: 'Paused', lastHandledRequest: 'a', fired: 1 },
      },
    ],
  ])('%s', (_, one) => check(one))

  test('says no next time', () => {
    expect(outcomeOf(observedSchedule({ spec: { ...hourly, suspend: true } })).status.nextFireTime).toBeUndefined()
  })
})

describe('a person', () => {
  const missed = { missed: ['2026-11-20T06:00:00Z'] }
  test.each<[string, Case]>([
    [
      'asks for a run, which stands for what was missed',
      {
        changes: { status: missed, annotations: { 'amx.dev/run-now': 'a' } },
        created: [requestedRunName('nightly', 'uid-1', 'a')],
        status: { phase: 'Running', lastHandledRequest: 'a' },
      },
    ],
    ['is answered once', { changes: { annotations: { 'amx.dev/run-now': 'a' }, status: { lastHandledRequest: 'a' } } }],
    [
      'forgets what was missed',
      {
        changes: { status: missed, annotations: { 'amx.dev/dismiss-missed': 'b' } },
        status: { phase: 'Pending', lastHandledDismissal: 'b' },
      },
    ],
    [
      'who forgot once has not forgotten what was missed later',
      {
        changes: {
          status: { ...missed, lastHandledDismissal: 'b' },
          annotations: { 'amx.dev/dismiss-missed': 'b' },
        },
        status: { phase: 'Missed', ...missed },
      },
    ],
    [
      'who asks for both has neither twice',
      {
        changes: {
          status: { lastHandledDismissal: 'b', lastHandledRequest: 'a' },
          annotations: { 'amx.dev/dismiss-missed': 'b', 'amx.dev/run-now': 'a' },
        },
      },
    ],
    [
      'is not held back by a run that goes on',
      {
        changes: { annotations: { 'amx.dev/run-now': 'a' } },
        more: { runs: [fixtureRunView({ phase: 'Running' })] },
        created: [requestedRunName('nightly', 'uid-1', 'a')],
      },
    ],
  ])('%s', (_, one) => check(one))

  test('who forgets leaves nothing missed', () => {
    const changes = { status: missed, annotations: { 'amx.dev/dismiss-missed': 'b' } }
    expect(outcomeOf(observedSchedule(changes)).status.missed).toBeUndefined()
  })
})

describe('a run that goes on', () => {
  const due = { status: handled('2026-11-21T09:00:00Z') }
  const running = [
    fixtureRunView({ name: 'nightly-1', phase: 'Running' }),
    fixtureRunView({ name: 'nightly-2', phase: 'Applying' }),
  ]
  const next = runAt('2026-11-21T10:00:00Z')
  test.each<[string, Case]>([
    [
      'keeps the next from starting under Forbid',
      {
        changes: { ...due, spec: hourly },
        more: { runs: running },
        events: ['Skipped'],
        status: { lastSkippedTime: '2026-11-21T10:00:00Z', handledUntil: '2026-11-21T10:00:00Z', phase: 'Running' },
      },
    ],
    [
      'goes on beside the next under Allow',
      {
        changes: { ...due, spec: { ...hourly, concurrencyPolicy: 'Allow' } },
        more: { runs: running },
        created: [next],
      },
    ],
    [
      'is cancelled for the next under Replace, and every other with it',
      {
        changes: { ...due, spec: { ...hourly, concurrencyPolicy: 'Replace' } },
        more: { runs: running },
        cancelled: ['nightly-1', 'nightly-2'],
        created: [next],
      },
    ],
    [
      'is not cancelled by Replace when it is the one of a crash',
      {
        changes: { ...due, spec: { ...hourly, concurrencyPolicy: 'Replace' } },
        more: { runs: [fixtureRunView({ name: next, phase: 'Running' })] },
        created: [next],
      },
    ],
    [
      'does not go on when it waits for a person',
      {
        changes: { ...due, spec: hourly },
        more: { runs: [fixtureRunView({ phase: 'AwaitingReview' }), fixtureRunView({ phase: 'Suspended' })] },
        created: [next],
      },
    ],
    [
      'does not go on when it is being deleted',
      {
        changes: { ...due, spec: hourly },
        more: { runs: [fixtureRunView({ phase: 'Running', deleting: true })] },
        created: [next],
      },
    ],
    [
      'makes a time that comes only once a missed one',
      {
        changes: { spec: { at: '2026-11-21T10:00' }, status: handled('2026-11-20T10:00:00Z') },
        more: { runs: running },
        events: ['Missed'],
        status: { missed: ['2026-11-21T10:00:00Z'] },
      },
    ],
  ])('%s', (_, one) => check(one))
})

describe('a schedule of one time', () => {
  const time = '2026-11-21T10:00:00Z'
  const fired = { handledUntil: time, lastFireTime: time, fired: 1, lastRunRef: { name: runAt(time) } }
  const once = { at: '2026-11-21T10:00' }
  const ended = (phase: 'Succeeded' | 'AwaitingReview' | 'Failed' | 'Cancelled' | 'Running') => ({
    runs: [fixtureRunView({ name: runAt(time), phase })],
  })
  test.each<[string, Case]>([
    [
      'waits',
      {
        changes: { spec: { at: '2026-12-31T09:00' } },
        status: { phase: 'Pending', nextFireTime: '2026-12-31T09:00:00Z' },
      },
    ],
    [
      'fires',
      {
        changes: { spec: once, status: handled('2026-11-20T10:00:00Z') },
        created: [runAt(time)],
        status: { phase: 'Running' },
      },
    ],
    ['goes on', { changes: { spec: once, status: fired }, more: ended('Running'), status: { phase: 'Running' } }],
    [
      'went through',
      { changes: { spec: once, status: fired }, more: ended('Succeeded'), status: { phase: 'Completed' } },
    ],
    [
      'has done its part when a person reviews',
      { changes: { spec: once, status: fired }, more: ended('AwaitingReview'), status: { phase: 'Completed' } },
    ],
    ['failed', { changes: { spec: once, status: fired }, more: ended('Failed'), status: { phase: 'Failed' } }],
    [
      'was cancelled',
      { changes: { spec: once, status: fired }, more: ended('Cancelled'), status: { phase: 'Cancelled' } },
    ],
    [
      'stays as it ended when its run is gone',
      { changes: { spec: once, status: { ...fired, phase: 'Failed' } }, status: { phase: 'Failed' } },
    ],
    [
      'has completed when its run is gone',
      { changes: { spec: once, status: { ...fired, phase: 'Running' } }, status: { phase: 'Completed' } },
    ],
    [
      'missed and dismissed is over',
      { changes: { spec: once, status: { handledUntil: time, phase: 'Missed' } }, status: { phase: 'Cancelled' } },
    ],
    [
      'does not fire again because of a clock',
      { changes: { spec: { at: '2031-01-01T00:00' }, status: { ...fired, handledUntil: '2031-01-01T00:00:00Z' } } },
    ],
  ])('%s', (_, one) => check(one))
})

describe('runs that ended', () => {
  const ended = (
    name: string,
    ageMinutes: number,
    phase: 'Succeeded' | 'PartiallyApplied' | 'Failed' | 'Cancelled' | 'AwaitingReview',
  ) => fixtureRunView({ name, phase, createdAtMs: nowMs - ageMinutes * 60_000 })
  const deleted = (changes: ScheduleChanges, runs: ScheduleObserved['runs']) =>
    decideSchedule(observedSchedule(changes, { runs })).intents.flatMap((intent) =>
      intent.kind === 'DeleteRun' ? [intent.name] : [],
    )

  test('go beyond the limits, the oldest first', () => {
    const runs = [
      ...[ended('s1', 50, 'Succeeded'), ended('s2', 40, 'PartiallyApplied'), ended('s3', 30, 'Succeeded')],
      ...[ended('s4', 20, 'Succeeded'), ended('f1', 45, 'Failed'), ended('f2', 15, 'Cancelled')],
    ]
    expect(deleted({}, runs)).toEqual(['s1', 'f1'])
    expect(deleted({ spec: { historyLimits: { successful: 0, failed: 2 } } }, runs)).toEqual(['s4', 's3', 's2', 's1'])
  })

  test('stay when a person is waited for, when a GitOps tool tracks them, and when they go already', () => {
    const runs = [
      ended('waits', 50, 'AwaitingReview'),
      { ...ended('tracked', 40, 'Succeeded'), collectable: false },
      { ...ended('going', 30, 'Succeeded'), deleting: true },
    ]
    expect(deleted({ spec: { historyLimits: { successful: 0, failed: 0 } } }, runs)).toEqual([])
  })

  test('are looks at the catalog that nobody waits for', () => {
    expect(deleted({}, [fixtureRunView({ name: 'old-check', isCheck: true, phase: 'Running' })])).toEqual(['old-check'])
  })
})

describe('names', () => {
  const long = 'n'.repeat(253)
  test('of runs and labels stay within what the API server takes', () => {
    expect(runNameAt(long, nowMs)).toHaveLength(253)
    expect(requestedRunName(long, 'uid', 'a')).toHaveLength(253)
    expect(scheduleLabelValue(long)).toHaveLength(63)
    expect(scheduleLabelValue('nightly')).toBe('nightly')
  })

  test('of long schedules that begin alike are different', () => {
    expect(runNameAt(`${long.slice(1)}a`, nowMs)).not.toBe(runNameAt(`${long.slice(1)}b`, nowMs))
  })

  test('of a request are other ones than those of a minute', () => {
    expect(requestedRunName('nightly', 'uid-1', 'a')).toMatch(/^nightly-now-[0-9a-f]{10}$/)
    expect(runNameAt('nightly', nowMs)).toBe('nightly-29920920')
  })
})
