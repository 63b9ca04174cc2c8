import { describe, expect, it } from 'vitest'
import type { JobObject, PodObject } from '../cluster/resources.ts'
import { jobView } from './job-view.ts'

const nowMs = Date.parse('2026-11-20T09:00:00Z')

function job(changes: Partial<JobObject> = {}): JobObject {
  return {
    metadata: {
      name: 'shop-draft-2',
      namespace: 'team',
      uid: 'job-uid',
      creationTimestamp: '2026-11-20T08:59:00Z',
      labels: { 'amx.dev/stage': 'draft', 'amx.dev/attempt': '2' },
      annotations: { 'amx.dev/failures': '1', 'amx.dev/progress': '40' },
    },
    ...changes,
  }
}

function pod(status: PodObject['status'], more: Partial<PodObject> = {}): PodObject {
  return {
    metadata: {
      name: 'shop-draft-2-abcde',
      namespace: 'team',
      creationTimestamp: '2026-11-20T08:59:55Z',
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'Job', name: 'shop-draft-2', uid: 'job-uid', controller: true },
      ],
    },
    ...(status && { status }),
    ...more,
  }
}

function viewOf(status: PodObject['status'], more: Partial<PodObject> = {}) {
  const view = jobView(job(), [pod(status, more)], nowMs)?.pods[0]
  if (view === undefined) throw new Error('the Job has one pod')
  return view
}

function terminated(exitCode: number, message: string) {
  return { phase: 'Failed', containerStatuses: [{ name: 'worker', state: { terminated: { exitCode, message } } }] }
}

describe('a Job as decisions see it', () => {
  it('carries its attempt and what came before it', () => {
    expect(jobView(job(), [], nowMs)).toMatchObject({
      stage: 'draft',
      attempt: 2,
      state: 'Active',
      failuresBefore: 1,
      progressBefore: 40,
      createdAtMs: nowMs - 60_000,
      finishedAtMs: null,
    })
  })

  it('ends with its Complete or Failed condition, not with the ones that announce them', () => {
    const at = '2026-11-20T08:59:58Z'
    const ended = (type: string) =>
      jobView(job({ status: { conditions: [{ type, status: 'True', lastTransitionTime: at }] } }), [], nowMs)
    expect(ended('Complete')).toMatchObject({ state: 'Complete', finishedAtMs: nowMs - 2_000 })
    expect(ended('Failed')).toMatchObject({ state: 'Failed' })
    expect(ended('FailureTarget')).toMatchObject({ state: 'Active' })
  })

  it('leaves out pods of another Job and Jobs of somebody else', () => {
    const other = pod({ phase: 'Running' }, { metadata: { name: 'x', namespace: 'team' } })
    expect(jobView(job(), [other], nowMs)?.pods).toEqual([])
    expect(jobView({ metadata: { name: 'backup', namespace: 'team' } }, [], nowMs)).toBeNull()
  })
})

describe('the pod of a Job', () => {
  it('gives the summary its worker left', () => {
    const summary = { stage: 'draft', outcome: 'Stopped', stop: 'Suspend', error: null }
    expect(viewOf(terminated(0, JSON.stringify(summary)))).toMatchObject({ exitCode: 0, summary, lastWords: null })
  })

  it.each(['panic: out of memory\n', '{"half a', '{"other":"json"}'])(
    'gives its last words when they are %j',
    (words) => {
      expect(viewOf(terminated(137, words))).toMatchObject({ exitCode: 137, summary: null, lastWords: words })
    },
  )

  it('gives the reason of a pod that was lost with its node', () => {
    expect(viewOf({ phase: 'Failed', reason: 'NodeLost', message: 'node is gone' }).lastWords).toBe(
      'NodeLost: node is gone',
    )
  })

  it('is stuck when the kubelet cannot configure its container', () => {
    const waiting = { reason: 'CreateContainerConfigError', message: 'secret "pg-reader" not found' }
    expect(viewOf({ phase: 'Pending', containerStatuses: [{ name: 'worker', state: { waiting } }] }).stuck).toEqual(
      waiting,
    )
  })

  it('is stuck when no node takes it', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }]
    expect(viewOf({ phase: 'Pending', conditions }).stuck).toEqual({ reason: 'Unschedulable', message: '0/3 nodes' })
  })

  it('is stuck when it has been starting for long, and names the Secrets it waits for', () => {
    const scheduled = { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }] }
    expect(viewOf(scheduled).stuck).toBeNull()
    const spec = { volumes: [{ projected: { sources: [{ secret: { name: 'pg-reader' } }] } }] }
    const old = pod(scheduled, { spec })
    old.metadata.creationTimestamp = '2026-11-20T08:59:00Z'
    expect(jobView(job(), [old], nowMs)?.pods[0]?.stuck?.message).toContain('it mounts Secret "pg-reader"')
  })

  it('is not stuck while it is merely starting', () => {
    const waiting = { reason: 'ContainerCreating' }
    expect(viewOf({ phase: 'Pending', containerStatuses: [{ name: 'worker', state: { waiting } }] }).stuck).toBeNull()
  })
})
