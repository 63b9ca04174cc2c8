import type { ErrorReport, ProfileTestSettings } from '@amx/api'
import type { ProfileTestObservation, ProfileTestPartView } from '@amx/store'
import { describe, expect, it } from 'vitest'
import type { PodView } from '../run/run-observed.ts'
import { decideTest, type ProfileObserved, retryDelayMs, type TestIntent, type TestJobView } from './decide-test.ts'

const startMs = Date.parse('2026-01-01T00:00:00Z')
const seconds = 1_000
const hours = 3_600_000
const error: ErrorReport = { code: 'AMX-2001', message: 'no connection', remedy: 'Check the host.' }

const reader: ProfileTestSettings = {
  part: 'Reader',
  connection: { host: 'pg', port: 5432, database: 'shop', tlsMode: 'disable' },
  pinned: true,
}
const writer: ProfileTestSettings = { ...reader, part: 'Writer' }

type Newest = NonNullable<ProfileTestObservation['newest']>

const part = (name: 'Reader' | 'Writer', ended: 'Ended' | 'UnderWay'): ProfileTestPartView => ({
  ...{ part: name, finding: null, error: null },
  endedAt: ended === 'Ended' ? new Date(startMs).toISOString() : null,
})
const over: Newest = { number: 3, specDigest: 'spec', request: null, parts: [part('Reader', 'Ended')] }
const underWay: Newest = { ...over, parts: [part('Reader', 'UnderWay')] }

interface Case extends Partial<Omit<ProfileObserved, 'store'>> {
  readonly newest?: Newest | null
  readonly failures?: number
  /** Since the newest test ended. */
  readonly sinceMs?: number
}

function decide({ newest = over, failures = 0, sinceMs = 1_000, ...more }: Case) {
  return decideTest({
    ...{ plan: { kind: 'Test', parts: [reader], specDigest: 'spec' }, request: null, jobs: [], runs: 'Idle' },
    ...{ untestedMs: 0, everyMs: hours, spread: 0.5, provedAtMs: null },
    store: { kind: 'Known', observation: { nowMs: startMs + sinceMs, newest, failures } },
    ...more,
  })
}

function jobOf(more: Partial<TestJobView> = {}): TestJobView {
  return {
    ...{ name: 'shop-test-reader-3', part: 'Reader', number: 3, state: 'Active', message: '' },
    ...{ deleting: false, ageMs: 1_000, pods: [] },
    ...more,
  }
}

const stuckPod: PodView = {
  name: 'p',
  state: 'Pending',
  stuck: { reason: 'ImagePullBackOff', message: 'no such image' },
  exitCode: null,
  summary: null,
  lastWords: null,
}

const steps = (intents: readonly TestIntent[]) => intents.map(step)

function step(intent: TestIntent): string {
  switch (intent.kind) {
    case 'BeginTest':
      return `begin ${intent.number}${intent.request === null ? '' : ` for ${intent.request}`}`
    case 'CreateJob':
      return `job ${intent.part} ${intent.number}`
    case 'DeleteJob':
      return `delete ${intent.name}`
    case 'FailPart':
      return `fail ${intent.part} ${intent.number} ${intent.error.code}`
  }
}

const untested = { newest: null, untestedMs: 10 * seconds }
const changed = { newest: { ...over, specDigest: 'older' }, untestedMs: 10 * seconds }

describe('a profile', () => {
  it.each<[string, Case, string[]]>([
    ['new: quiet first', { newest: null, untestedMs: 1_000 }, []],
    ['new and quiet: tested', untested, ['begin 1', 'job Reader 1']],
    ['new, with a run at work: waits', { ...untested, runs: 'AtWork' }, []],
    [
      'new, with runs that do not end: tested all the same',
      { ...untested, untestedMs: 126 * seconds, runs: 'AtWork' },
      ['begin 1', 'job Reader 1'],
    ],
    [
      'new, asked for: tested at once',
      { newest: null, request: 'now', runs: 'AtWork' },
      ['begin 1 for now', 'job Reader 1'],
    ],
    ['new, never by itself: left alone', { ...untested, everyMs: null }, []],
    [
      'never by itself, asked for: tested',
      { ...untested, everyMs: null, request: 'x' },
      ['begin 1 for x', 'job Reader 1'],
    ],
    [
      'with a writer: one Job each',
      { ...untested, plan: { kind: 'Test', parts: [reader, writer], specDigest: 'spec' } },
      ['begin 1', 'job Reader 1', 'job Writer 1'],
    ],
    ['changed: tested again', changed, ['begin 4', 'job Reader 4']],
    [
      'changed while it is tested: that test is given up',
      { ...changed, newest: { ...underWay, specDigest: 'older' }, jobs: [jobOf()] },
      ['delete shop-test-reader-3', 'begin 4', 'job Reader 4'],
    ],
    ['works: left alone for its interval', { sinceMs: 0.99 * hours }, []],
    ['works: tested again after it', { sinceMs: 1.01 * hours }, ['begin 4', 'job Reader 4']],
    ['works, due, with a run at work: waits', { sinceMs: 1.01 * hours, runs: 'AtWork' }, []],
    ['failed: not tried at once', { failures: 1, sinceMs: 59 * seconds }, []],
    ['failed: tried again after a minute', { failures: 1, sinceMs: 61 * seconds }, ['begin 4', 'job Reader 4']],
    [
      'failed, and a run got on since: tested again',
      { failures: 3, provedAtMs: startMs + 500 },
      ['begin 4', 'job Reader 4'],
    ],
    ['failed, and a run got on before: left alone', { failures: 3, provedAtMs: startMs - 500 }, []],
    ['works, and a run got on since: left alone', { provedAtMs: startMs + 500 }, []],
    ['failed often: tried less often', { failures: 5, sinceMs: 15 * 60 * seconds }, []],
    [
      'asked for again: tested, whatever is at work',
      { request: 'x', runs: 'AtWork' },
      ['begin 4 for x', 'job Reader 4'],
    ],
    ['asked for, and answered: left alone', { request: 'x', newest: { ...over, request: 'x' } }, []],
    ['asked for while it is tested: that test ends first', { request: 'x', newest: underWay, jobs: [jobOf()] }, []],
    ['under way without its Job: made again', { newest: underWay }, ['job Reader 3']],
    ['under way: waits', { newest: underWay, jobs: [jobOf()] }, []],
    [
      'whose Job ended without a word: failed',
      { newest: underWay, jobs: [jobOf({ state: 'Failed' })] },
      ['fail Reader 3 AMX-4002'],
    ],
    ['whose pod does not start: waits a minute', { newest: underWay, jobs: [jobOf({ pods: [stuckPod] })] }, []],
    [
      'whose pod does not start for longer: failed',
      { newest: underWay, jobs: [jobOf({ pods: [stuckPod], ageMs: 61 * seconds })] },
      ['fail Reader 3 AMX-4003', 'delete shop-test-reader-3'],
    ],
    [
      'of which one part is over: the other goes on',
      { newest: { ...over, parts: [part('Reader', 'Ended'), part('Writer', 'UnderWay')] } },
      ['job Writer 3'],
    ],
    ['that cannot be used: nothing to test', { newest: null, plan: { kind: 'Refused', error } }, []],
    [
      'that became the built-in drafter: its test is given up',
      { plan: { kind: 'BuiltIn' }, jobs: [jobOf()] },
      ['delete shop-test-reader-3'],
    ],
  ])('%s', (_, observed, wanted) => {
    const { intents, requeueAfterMs, state } = decide(observed)
    expect(steps(intents)).toEqual(wanted)
    // Whatever waits for time is looked at again by itself.
    if (wanted.length === 0 && (state === 'Waiting' || state === 'Testing')) expect(requeueAfterMs).toBeGreaterThan(0)
  })

  it('waits for the store, and says so', () => {
    const { intents, state, requeueAfterMs } = decide({ ...{ store: { kind: 'Unavailable', error } } } as Case)
    expect([intents, state, requeueAfterMs]).toEqual([[], 'Unknown', 5_000])
  })

  it('is not tested in the same moment as all others', () => {
    const times = [0, 0.5, 1].map((spread) => ((decide({ spread }).nextTestAtMs ?? 0) - startMs) / hours)
    expect(times).toEqual([0.9, 1, 1.1])
  })
})

describe('the wait after failures', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [6, 32],
    [7, 60],
    [99, 60],
  ])('after %i is %i minutes', (failures, minutes) => {
    expect(retryDelayMs(failures) / 60_000).toBe(minutes)
  })
})
