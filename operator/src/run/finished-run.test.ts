import { describe, expect, it } from 'vitest'
import { decideFinished, retention } from './finished-run.ts'
import { gitOpsTracker } from './gitops-tracking.ts'
import { fixtureJob, fixtureNowMs, fixtureObservation, fixturePod, fixtureRun, observed } from './run-fixture.ts'

const origin = { 'amx.dev/origin': 'schedule' }
const hour = 3_600_000

function finished(labels: Record<string, string>, endedHoursAgo: number) {
  return fixtureRun({
    metadata: { labels },
    status: { phase: 'Succeeded', completionTime: new Date(fixtureNowMs - endedHoursAgo * hour).toISOString() },
  })
}

describe('a run that ended', () => {
  it.each([
    ['of a schedule, too early', origin, 167, [], hour],
    ['of a schedule, in time', origin, 168, ['DeleteRun'], null],
    ['of a person', {}, 1_000, [], null],
    ['of a schedule that Flux tracks', { ...origin, 'helm.toolkit.fluxcd.io/name': 'amx' }, 1_000, [], null],
  ] as const)('%s', (_title, labels, hoursAgo, intents, requeueAfterMs) => {
    const decision = decideFinished(observed(fixtureObservation(), { run: finished(labels, hoursAgo) }))
    expect(decision.intents.map(({ kind }) => kind)).toEqual(intents)
    expect(decision.requeueAfterMs).toBe(requeueAfterMs)
  })

  it('is looked at again in a day at the latest, however long it is kept', () => {
    const decision = decideFinished(observed(fixtureObservation(), { run: finished(origin, 0) }))
    expect(decision.requeueAfterMs).toBe(24 * hour)
  })

  it('takes away Jobs whose pod never started, and leaves the others to stop by themselves', () => {
    const jobs = [
      fixtureJob({ name: 'pending', pods: [fixturePod({ state: 'Pending' })] }),
      fixtureJob({ name: 'podless', pods: [] }),
      fixtureJob({ name: 'running' }),
      fixtureJob({ name: 'ending', pods: [fixturePod({ state: 'Succeeded' })] }),
      fixtureJob({ name: 'done', state: 'Complete' }),
    ]
    const { intents } = decideFinished(observed(fixtureObservation(), { run: finished({}, 0), jobs }))
    expect(intents).toEqual([
      { kind: 'DeleteJob', name: 'pending' },
      { kind: 'DeleteJob', name: 'podless' },
    ])
  })
})

describe('what a GitOps tool tracks', () => {
  it.each([
    ['Argo CD', {}, { 'argocd.argoproj.io/tracking-id': 'app:amx.dev/MetadataRun:team/shop' }],
    ['Argo CD', {}, { 'argocd.argoproj.io/sync-wave': '1' }],
    ['Argo CD', { 'argocd.argoproj.io/instance': 'app' }, {}],
    ['Flux', { 'kustomize.toolkit.fluxcd.io/name': 'app' }, {}],
    ['Flux', { 'helm.toolkit.fluxcd.io/name': 'app' }, {}],
    ['a deployment tool', { 'app.kubernetes.io/instance': 'app' }, {}],
    [null, { 'amx.dev/origin': 'plugin', team: 'data' }, { note: 'x' }],
  ])('is seen as tracked by %s', (tool, labels, annotations) => {
    expect(gitOpsTracker({ labels, annotations })).toBe(tool)
  })

  it('is kept even with a label of ours', () => {
    const run = fixtureRun({ metadata: { labels: { ...origin, 'kustomize.toolkit.fluxcd.io/name': 'app' } } })
    expect(retention(run)).toMatchObject({ kind: 'Keep', reason: 'TrackedByGitOps' })
  })

  it('is not anything with an origin that somebody made up', () => {
    expect(retention(fixtureRun({ metadata: { labels: { 'amx.dev/origin': 'me' } } })).kind).toBe('Keep')
  })
})
