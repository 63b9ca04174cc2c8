import type { ContextSource, ErrorReport } from '@amx/api'
import type { ContextIndexView, ContextObservation } from '@amx/store'
import { describe, expect, it } from 'vitest'
import { type ContextObserved, decideContext, type IndexJobView, retryDelayMs } from './decide-context.ts'

const startMs = Date.parse('2026-01-01T00:00:00Z')
const minutes = 60_000
const digest = 'sha256:spec'

const unreachable: ErrorReport = { code: 'AMX-5001', message: 'no answer from https://git', remedy: 'Check it.' }
const denied: ErrorReport = { code: 'AMX-1001', message: 'spec.include: no glob', remedy: 'Correct it.' }

function sourceOf(options: { annotation?: string; handled?: string; refreshInterval?: string } = {}): ContextSource {
  const { annotation, handled, refreshInterval } = options
  return {
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'ContextSource',
    metadata: {
      ...{ name: 'handbook', namespace: 'team', uid: 'u', resourceVersion: '1', generation: 1 },
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(annotation !== undefined && { annotations: { 'amx.dev/index-now': annotation } }),
    },
    spec: {
      kind: 'Documents',
      configMap: { name: 'pages' },
      ...(refreshInterval !== undefined && { refreshInterval }),
    },
    ...(handled !== undefined && { status: { lastHandledRequest: handled } }),
  }
}

function attempt(state: ContextIndexView['state'], more: Partial<ContextIndexView> = {}): ContextIndexView {
  const ended = state === 'Building' ? null : new Date(startMs).toISOString()
  return {
    ...{ number: 1, state, specDigest: digest, startedAt: new Date(startMs).toISOString(), endedAt: ended },
    error: state === 'Failed' ? unreachable : null,
    ...more,
  }
}

const current: ContextObservation['current'] = {
  ...{ revision: 'r1', specDigest: digest, documents: 2, chunks: 7, checkedAt: new Date(startMs).toISOString() },
  skipped: [{ path: 'a.exe', reason: 'binary' }],
}

interface DecideOptions extends Partial<Omit<ContextObserved, 'store'>> {
  readonly nowMs?: number
}

function decide(observation: Partial<ContextObservation>, { nowMs = startMs + minutes, ...more }: DecideOptions = {}) {
  return decideContext({
    ...{ source: sourceOf(), specDigest: digest, jobs: [] },
    store: { kind: 'Known', observation: { nowMs, current: null, newest: null, failures: 0, ...observation } },
    ...more,
  })
}

function jobOf(state: IndexJobView['state'], more: Partial<IndexJobView> = {}): IndexJobView {
  return { name: 'handbook-index-1', number: 1, state, message: '', deleting: false, pods: [], ...more }
}

const pod = { name: 'p', state: 'Failed', stuck: null, exitCode: 1, summary: null, lastWords: null } as const
const kindsOf = (decision: ReturnType<typeof decide>) => decision.intents.map(({ kind }) => kind)

describe('a source', () => {
  it.each([
    ['that was never read is begun', { newest: null }, {}, ['BeginIndex', 'CreateJob']],
    ['whose Job is not there yet gets it', { newest: attempt('Building') }, {}, ['CreateJob']],
    ['that is being read is left alone', { newest: attempt('Building') }, { jobs: [jobOf('Active')] }, []],
    [
      'whose Job is being removed gets another',
      { newest: attempt('Building') },
      { jobs: [jobOf('Active', { deleting: true })] },
      ['CreateJob'],
    ],
    ['whose Job died is told so', { newest: attempt('Building') }, { jobs: [jobOf('Failed')] }, ['FailIndex']],
    [
      'whose Job forgot to finish is told so',
      { newest: attempt('Building') },
      { jobs: [jobOf('Complete')] },
      ['FailIndex'],
    ],
    [
      'whose spec changed while it is read starts over',
      { newest: attempt('Building', { specDigest: 'old' }) },
      { jobs: [jobOf('Active')] },
      ['DeleteJob', 'BeginIndex', 'CreateJob'],
    ],
    ['that is indexed rests', { newest: attempt('Finished'), current }, {}, []],
    ['that did not change rests', { newest: attempt('Unchanged', { number: 4 }), current }, {}, []],
    [
      'that is indexed is read again after its interval',
      { newest: attempt('Finished'), current },
      { nowMs: startMs + 24 * 60 * minutes },
      ['BeginIndex', 'CreateJob'],
    ],
    [
      'is never read more than once a minute',
      { newest: attempt('Finished'), current },
      { source: sourceOf({ refreshInterval: '1s' }), nowMs: startMs + 30_000 },
      [],
    ],
    [
      'whose spec changed is read again at once',
      { newest: attempt('Finished', { specDigest: 'old' }), current },
      {},
      ['BeginIndex', 'CreateJob'],
    ],
    [
      'is read on request',
      { newest: attempt('Finished'), current },
      { source: sourceOf({ annotation: 'today' }) },
      ['BeginIndex', 'CreateJob'],
    ],
    [
      'is read once per request',
      { newest: attempt('Finished'), current },
      { source: sourceOf({ annotation: 'today', handled: 'today' }) },
      [],
    ],
    ['that failed waits', { newest: attempt('Failed'), failures: 1 }, { nowMs: startMs + 5_000 }, []],
    [
      'that failed is tried again',
      { newest: attempt('Failed', { number: 3 }), failures: 1 },
      { nowMs: startMs + 10_000 },
      ['BeginIndex', 'CreateJob'],
    ],
  ] as const)('%s', (_, observation, more, intents) => {
    expect(kindsOf(decide(observation, more))).toEqual(intents)
  })

  it('gets one number more with each attempt, and the request goes with it', () => {
    const decision = decide(
      { newest: attempt('Failed', { number: 3 }), failures: 3 },
      { source: sourceOf({ annotation: 'now' }) },
    )
    expect(decision.intents).toEqual([
      { kind: 'BeginIndex', number: 4, request: 'now' },
      { kind: 'CreateJob', number: 4 },
    ])
  })

  it('with an index in use stays ready whatever becomes of the next one', () => {
    const ready = { status: 'True', reason: 'Indexed', message: '2 documents in 7 chunks, 1 skipped; revision r1.' }
    for (const newest of [attempt('Building'), attempt('Failed'), attempt('Finished')]) {
      expect(decide({ current, newest, failures: 5 }, { jobs: [jobOf('Active')], nowMs: startMs }).ready).toEqual(ready)
    }
  })

  it('tells what stands in the way of its pod, and goes on by itself', () => {
    const stuck = { reason: 'ContainerCreating', message: 'it mounts ConfigMap "pages"' }
    const decision = decide(
      { newest: attempt('Building') },
      { jobs: [jobOf('Active', { pods: [{ ...pod, state: 'Pending', stuck }] })] },
    )
    expect(decision.intents).toEqual([])
    expect(decision.ready).toMatchObject({ status: 'False' })
    expect(decision.stalled).toMatchObject({ status: 'True', reason: 'PodCannotStart' })
    expect(decision.stalled.message).toContain('ConfigMap "pages"')
  })

  it('keeps the words of a Job that died', () => {
    const errorOf = (job: IndexJobView) => {
      const [intent] = decide({ newest: attempt('Building') }, { jobs: [job] }).intents
      return intent?.kind === 'FailIndex' ? intent.error : null
    }
    expect(errorOf(jobOf('Failed', { pods: [{ ...pod, lastWords: 'out of memory' }] }))?.message).toContain(
      'out of memory',
    )
    expect(errorOf(jobOf('Failed', { message: 'was active longer than specified deadline' }))?.message).toContain(
      'deadline',
    )
    expect(errorOf(jobOf('Complete'))).toMatchObject({ code: 'AMX-4002' })
  })

  it('is stalled at once by what a person must mend, by what may pass only after three times', () => {
    const stalled = (error: ErrorReport, failures: number) => {
      return decide({ newest: attempt('Failed', { error }), failures }, { nowMs: startMs }).stalled.status
    }
    expect(stalled(denied, 1)).toBe('True')
    expect([1, 2, 3].map((failures) => stalled(unreachable, failures))).toEqual(['False', 'False', 'True'])
  })

  it('is tried ever less often, at last every half hour', () => {
    expect([1, 2, 3, 50].map((failures) => retryDelayMs(unreachable, failures))).toEqual([
      10_000, 20_000, 40_000, 1_800_000,
    ])
    expect(retryDelayMs(denied, 1)).toBe(60_000)
  })

  it('keeps what it showed while the store is away', () => {
    const error: ErrorReport = { code: 'AMX-9002', message: 'the store does not answer', remedy: 'Wait.' }
    const decision = decideContext({
      ...{ source: sourceOf(), specDigest: digest, jobs: [] },
      store: { kind: 'Unavailable', error },
    })
    expect(decision).toMatchObject({ intents: [], requeueAfterMs: 5_000, ready: { status: 'False' } })
  })
})
