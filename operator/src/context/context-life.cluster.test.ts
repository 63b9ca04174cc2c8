import type { ContextSource } from '@amx/api'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { JobObject } from '../cluster/resources.ts'
import { conditionOf, type OperatorRig, startOperatorRig, waitFor } from '../testing/operator-rig.ts'

let rig: OperatorRig

beforeAll(async () => {
  rig = await startOperatorRig()
})

beforeEach(() => {
  rig.node.index = { documents: { 'a.md': ['one two', 'three'], 'b.md': ['four'] }, revision: 'r1' }
  rig.node.refuse = () => null
})

afterAll(() => rig?.close())

const isReady = ({ status }: ContextSource) =>
  status?.conditions?.some(({ type, status: judged }) => type === 'Ready' && judged === 'True') === true

const isSettled = (source: ContextSource) => isReady(source) && conditionOf(source, 'Reconciling').status === 'False'

async function jobsOf(source: ContextSource): Promise<readonly JobObject[]> {
  const list = await rig.runtime.transport.request<{ items: JobObject[] }>({
    path: `/apis/batch/v1/namespaces/${rig.namespace}/jobs`,
    query: { labelSelector: `amx.dev/context-source-uid=${source.metadata.uid}` },
  })
  return list.items
}

async function jobNames(source: ContextSource): Promise<string[]> {
  return (await jobsOf(source)).map(({ metadata }) => metadata.name).sort()
}

async function patchSource(name: string, body: object): Promise<void> {
  await rig.runtime.transport.request({
    method: 'PATCH',
    path: `/apis/amx.dev/v1alpha1/namespaces/${rig.namespace}/contextsources/${name}`,
    contentType: 'application/merge-patch+json',
    body,
  })
}

/** Asks for another index, as `kubectl annotate` does. */
function requestIndex(name: string, token: string): Promise<void> {
  return patchSource(name, { metadata: { annotations: { 'amx.dev/index-now': token } } })
}

function changeSpec(name: string, spec: object): Promise<void> {
  return patchSource(name, { spec })
}

/** Makes what was read of a source older, by the store's clock. */
async function passTime({ metadata }: ContextSource, interval: string): Promise<void> {
  const client = new pg.Client({ connectionString: rig.storeUrl })
  await client.connect()
  const sql = 'update amx.context_indexes set ended_at = ended_at - $2::interval where source_uid = $1'
  await client.query(sql, [metadata.uid, interval])
  await client.end()
}

describe('a ContextSource on a real API server', () => {
  it('is read by a Job and tells what is indexed', async () => {
    const created = await rig.createSource('handbook')
    const ready = await rig.untilSource('handbook', isSettled)
    expect(ready.status).toMatchObject({
      observedGeneration: 1,
      revision: 'r1',
      documents: 2,
      chunks: 3,
      skipped: 1,
      skippedFiles: [{ path: 'logo.png', reason: 'it is no text' }],
      job: 'handbook-index-1',
    })
    expect(ready.status?.lastError).toBeUndefined()
    expect(conditionOf(ready, 'Stalled').status).toBe('False')
    expect(Date.parse(ready.status?.nextIndexTime ?? '') - Date.parse(ready.status?.lastIndexTime ?? '')).toBe(
      86_400_000,
    )
    const [job] = await jobsOf(created)
    expect(job?.metadata.ownerReferences).toMatchObject([{ kind: 'ContextSource', name: 'handbook', controller: true }])
  })

  it('is read again on request, on a changed spec and after its interval, and keeps its index meanwhile', async () => {
    const source = await rig.createSource('again')
    await rig.untilSource('again', isSettled)

    await requestIndex('again', 'now')
    await rig.untilSource('again', (seen) => isSettled(seen) && seen.status?.lastHandledRequest === 'now')
    expect(await jobNames(source)).toEqual(['again-index-1', 'again-index-2'])

    rig.node.index = { documents: { 'c.md': ['five'] }, revision: 'r2' }
    await changeSpec('again', { include: ['*.md'] })
    const changed = await rig.untilSource('again', (seen) => isSettled(seen) && seen.status?.revision === 'r2')
    expect(changed.status).toMatchObject({ observedGeneration: 2, documents: 1, chunks: 1, job: 'again-index-3' })

    rig.node.index = { documents: {}, revision: 'r2' }
    await passTime(source, '25 hours')
    await changeSpec('again', { refreshInterval: '2h' })
    const refreshed = await rig.untilSource('again', (seen) => isSettled(seen) && seen.status?.job === 'again-index-4')
    expect(refreshed.status).toMatchObject({ revision: 'r2', chunks: 1 })
  })

  it('shows why it failed with a remedy, keeps the old index, and is tried again', async () => {
    const source = await rig.createSource('shaky')
    await rig.untilSource('shaky', isSettled)
    const error = { code: 'AMX-5001', message: 'no answer from https://wiki', remedy: 'Check the address.' } as const
    rig.node.index = { documents: {}, revision: 'r9', error }
    await requestIndex('shaky', 'one')
    const failed = await rig.untilSource('shaky', ({ status }) => status?.lastError?.code === error.code)
    expect(failed.status).toMatchObject({ lastError: error, revision: 'r1', chunks: 3 })
    expect(conditionOf(failed, 'Ready').status).toBe('True')
    expect(conditionOf(failed, 'Reconciling').message).toMatch(
      /^No answer from https:\/\/wiki. Check the address. \(AMX-5001\)/,
    )

    rig.node.index = { documents: { 'a.md': ['six'] }, revision: 'r2' }
    await passTime(source, '1 minute')
    await patchSource('shaky', { metadata: { labels: { seen: 'again' } } })
    const mended = await rig.untilSource('shaky', (seen) => isSettled(seen) && seen.status?.revision === 'r2')
    expect(mended.status?.lastError).toBeUndefined()
  })

  it('tells of a pod that cannot start, and goes on when it can', async () => {
    rig.node.refuse = () => ({ reason: 'CreateContainerConfigError', message: 'configmap "pages" not found' })
    await rig.createSource('stuck')
    const stuck = await rig.untilSource(
      'stuck',
      ({ status }) => status?.lastError?.message.includes('not found') === true,
    )
    expect(conditionOf(stuck, 'Ready').status).toBe('False')
    expect(conditionOf(stuck, 'Stalled')).toMatchObject({ status: 'True', reason: 'PodCannotStart' })
    expect(conditionOf(stuck, 'Stalled').message).toContain('configmap "pages" not found')
    rig.node.refuse = () => null
    rig.node.retryRefused()
    const ready = await rig.untilSource('stuck', isSettled)
    expect(conditionOf(ready, 'Stalled').status).toBe('False')
  })

  it('finds an index that was under way after the operator died', async () => {
    const held = Promise.withResolvers<void>()
    rig.node.index = { ...rig.node.index, before: () => held.promise }
    const source = await rig.createSource('survivor')
    await waitFor(
      () => jobNames(source),
      (names) => names.length === 1,
    )
    await rig.restartOperator()
    held.resolve()
    await rig.untilSource('survivor', isSettled)
    expect(await jobNames(source)).toEqual(['survivor-index-1'])
  })

  it('takes its chunks out of the store when it is deleted', async () => {
    const source = await rig.createSource('leaving')
    await rig.untilSource('leaving', isSettled)
    expect(await rig.serverStore.findSearchableIndex(rig.namespace, 'leaving')).not.toBeNull()
    await rig.contextSources.delete(`${rig.namespace}/leaving`)
    await waitFor(
      () => rig.contextSources.get(`${rig.namespace}/leaving`).catch(() => null),
      (seen) => seen === null,
    )
    expect(await rig.serverStore.findSearchableIndex(rig.namespace, 'leaving')).toBeNull()
    expect((await rig.operatorStore.observeContextSource(source.metadata.uid)).newest).toBeNull()
  })

  it('is waited for by a run that names it, whose settings then say what was indexed', async () => {
    await rig.createProfiles()
    const held = Promise.withResolvers<void>()
    rig.node.index = { ...rig.node.index, before: () => held.promise }
    await rig.createRun('reader', { contextRefs: [{ name: 'needed' }] })
    const missing = await rig.until('reader', ({ status }) => status?.lastError?.code === 'AMX-1003')
    expect(conditionOf(missing, 'Ready').message).toContain('ContextSource "needed" does not exist')
    const source = await rig.createSource('needed')
    const waiting = await rig.until('reader', ({ status }) => status?.lastError?.code === 'AMX-5010')
    expect(waiting.status?.phase).toBe('Pending')
    expect(conditionOf(waiting, 'Ready').message).toContain('ContextSource "needed" is not indexed yet')
    held.resolve()
    const drafted = await rig.untilPhase('reader', 'AwaitingReview')
    const { settings } = (await rig.serverStore.readSettings(drafted.metadata.uid)) ?? {}
    expect(settings?.context).toEqual([{ name: 'needed', uid: source.metadata.uid, kind: 'Documents', revision: 'r1' }])
  })
})
