import type { DatabaseProfile, LLMProfile } from '@amx/api'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { JobObject } from '../cluster/resources.ts'
import { conditionOf, type OperatorRig, startOperatorRig, waitFor } from '../testing/operator-rig.ts'
import { goodProfile } from '../testing/scripted-tester.ts'

let rig: OperatorRig

beforeAll(async () => {
  rig = await startOperatorRig()
})

beforeEach(() => {
  rig.node.test = goodProfile
  rig.node.refuse = () => null
})

afterAll(() => rig?.close())

/** Tested at once, since its annotation asks for it. */
const atOnce = { 'amx.dev/test': 'first' }

async function createDatabase(name: string, spec: object = {}, annotations: object = atOnce): Promise<DatabaseProfile> {
  const body = {
    metadata: { name, namespace: rig.namespace, annotations },
    spec: {
      backend: 'PostgreSQL',
      postgresql: { host: 'warehouse', database: 'shop', tls: { mode: 'disable' } },
      readerSecretRef: { name: 'reader' },
      ...spec,
    },
  }
  return (await rig.databaseProfiles.create(body as unknown as DatabaseProfile)).object
}

async function createModel(name: string, spec: object): Promise<LLMProfile> {
  const body = { metadata: { name, namespace: rig.namespace, annotations: atOnce }, spec }
  return (await rig.llmProfiles.create(body as unknown as LLMProfile)).object
}

const database = (name: string) => rig.databaseProfiles.get(`${rig.namespace}/${name}`)
const untilDatabase = (name: string, wanted: (profile: DatabaseProfile) => boolean) =>
  waitFor(() => database(name), wanted)
const untilModel = (name: string, wanted: (profile: LLMProfile) => boolean) =>
  waitFor(() => rig.llmProfiles.get(`${rig.namespace}/${name}`), wanted)

const readyIs =
  (wanted: string) =>
  ({ status }: DatabaseProfile | LLMProfile): boolean =>
    status?.conditions?.some(({ type, status: judged }) => type === 'Ready' && judged === wanted) === true

async function jobsOf({ metadata }: DatabaseProfile | LLMProfile): Promise<readonly JobObject[]> {
  const list = await rig.runtime.transport.request<{ items: JobObject[] }>({
    path: `/apis/batch/v1/namespaces/${rig.namespace}/jobs`,
    query: { labelSelector: `amx.dev/profile-uid=${metadata.uid}` },
  })
  return list.items
}

const jobNames = async (profile: DatabaseProfile | LLMProfile) =>
  (await jobsOf(profile)).map(({ metadata }) => metadata.name).sort()

async function patchDatabase(name: string, body: object): Promise<void> {
  await rig.runtime.transport.request({
    method: 'PATCH',
    path: `/apis/amx.dev/v1alpha1/namespaces/${rig.namespace}/databaseprofiles/${name}`,
    contentType: 'application/merge-patch+json',
    body,
  })
}

/** Asks for another test, as `kubectl annotate` does. */
const requestTest = (name: string, token: string) =>
  patchDatabase(name, { metadata: { annotations: { 'amx.dev/test': token } } })

const handled = (token: string) => (profile: DatabaseProfile) => profile.status?.lastHandledRequest === token

/** Makes what was found older, by the store's clock. */
async function passTime({ metadata }: DatabaseProfile, interval: string): Promise<void> {
  const client = new pg.Client({ connectionString: rig.storeUrl })
  await client.connect()
  const sql = 'update amx.profile_tests set ended_at = ended_at - $2::interval where profile_uid = $1'
  await client.query(sql, [metadata.uid, interval])
  await client.end()
}

describe('a profile on a real API server', () => {
  it('is tested by one Job per credential, none of which has two', async () => {
    const created = await createDatabase('shop', { writerSecretRef: { name: 'writer' } })
    const ready = await untilDatabase('shop', readyIs('True'))
    expect(ready.status).toMatchObject({
      observedGeneration: 1,
      serverVersion: '18.4',
      capabilities: { sampling: true },
      inventory: { schemas: 1, tables: 2, columns: 6, documented: 1 },
    })
    expect(Date.parse(ready.status?.catalogTime ?? '')).not.toBeNaN()
    expect(conditionOf(ready, 'Writable').status).toBe('True')
    expect(ready.status?.lastError).toBeUndefined()
    const jobs = await jobsOf(created)
    const mounted = jobs.map(({ spec }) => JSON.stringify(spec?.template.spec?.volumes))
    expect(jobs.map(({ metadata }) => metadata.name).sort()).toEqual(['shop-test-reader-1', 'shop-test-writer-1'])
    expect(mounted.filter((volumes) => volumes.includes('"reader"'))).toHaveLength(1)
    expect(mounted.filter((volumes) => volumes.includes('"writer"'))).toHaveLength(1)
    expect(mounted.some((volumes) => volumes.includes('"reader"') && volumes.includes('"writer"'))).toBe(false)
    expect(jobs[0]?.metadata.ownerReferences).toMatchObject([{ kind: 'DatabaseProfile', name: 'shop' }])
  })

  it('without a key or a network is ready at once', async () => {
    const created = await createModel('built-in', { provider: 'BuiltIn' })
    const ready = await untilModel('built-in', readyIs('True'))
    expect(conditionOf(ready, 'Ready').reason).toBe('BuiltIn')
    expect(await jobNames(created)).toEqual([])
  })

  it('of a model says what its server offers', async () => {
    await createModel('model', { provider: 'OpenAI', model: 'gpt-4o', apiKeySecretRef: { name: 'key' } })
    const ready = await untilModel('model', readyIs('True'))
    expect(ready.status?.capabilities).toEqual({ structuredOutput: true })
    expect(conditionOf(ready, 'Ready').message).toBe('gpt-4o answers, with replies held to a schema.')
  })

  it('that no run could use says so, without a Job', async () => {
    const spec = { backend: 'ClickHouse', clickhouse: { host: 'ch' }, postgresql: undefined }
    const created = await createDatabase('click', spec)
    const refused = await untilDatabase('click', readyIs('False'))
    expect(conditionOf(refused, 'Ready').reason).toBe('NotYetSupported')
    expect(await jobNames(created)).toEqual([])
  })

  it('is tested again on request, on a changed spec and after its interval, and says nothing new meanwhile', async () => {
    const created = await createDatabase('again')
    const first = await untilDatabase('again', readyIs('True'))
    expect(first.status?.nextTestTime).toBeDefined()

    await requestTest('again', 'now')
    const second = await untilDatabase('again', handled('now'))
    expect(await jobNames(created)).toEqual(['again-test-reader-1', 'again-test-reader-2'])
    expect(second.status?.lastTestTime).not.toBe(first.status?.lastTestTime)
    const timeOf = (profile: DatabaseProfile) => conditionOf(profile, 'Ready').lastTransitionTime
    expect(timeOf(second)).toBe(timeOf(first))

    // Nothing of this is part of a test.
    await patchDatabase('again', { spec: { profiling: { sampleRows: 10 } } })
    const touched = await untilDatabase('again', ({ status }) => status?.observedGeneration === 2)
    expect(touched.status?.lastTestTime).toBe(second.status?.lastTestTime)

    await patchDatabase('again', { spec: { postgresql: { host: 'elsewhere' } } })
    await untilDatabase('again', readyIs('Unknown'))
    await untilDatabase('again', readyIs('True'))
    await passTime(created, '2 hours')
    await patchDatabase('again', { metadata: { labels: { seen: 'again' } } })
    await waitFor(
      () => jobNames(created),
      (names) => names.includes('again-test-reader-4'),
    )
  })

  it('shows what is wrong with a remedy, and is tried again', async () => {
    const error = { code: 'AMX-2002', message: 'no sign-in', remedy: 'Correct the Secret.' } as const
    rig.node.test = { report: () => ({ finding: null, error, calls: [] }) }
    const created = await createDatabase('broken')
    const broken = await untilDatabase('broken', readyIs('False'))
    expect(broken.status?.lastError).toEqual(error)
    expect(conditionOf(broken, 'Ready')).toMatchObject({
      reason: 'WarehouseAuthenticationFailed',
      message: 'No sign-in. Correct the Secret. (AMX-2002)',
    })
    rig.node.test = goodProfile
    await passTime(created, '1 minute')
    await patchDatabase('broken', { metadata: { labels: { seen: 'again' } } })
    const mended = await untilDatabase('broken', readyIs('True'))
    expect(mended.status?.lastError).toBeUndefined()
  })

  it('names the tables that its writer may not comment on', async () => {
    rig.node.test = {
      report: (part, name) =>
        part === 'Writer'
          ? {
              finding: { part, tables: { seen: 5, writable: 1 }, refused: ['a.b', 'a.c', 'a.d'] },
              ...{ error: null, calls: [] },
            }
          : goodProfile.report(part, name),
    }
    await createDatabase('half', { writerSecretRef: { name: 'writer' } })
    const half = await untilDatabase('half', readyIs('True'))
    expect(conditionOf(half, 'Writable')).toMatchObject({
      ...{ status: 'False', reason: 'WriterOwnsNotAll' },
      message: expect.stringContaining('1 of 5 tables and views; not on a.b, a.c, a.d and 1 more'),
    })
  })

  it('waits for the run that it was applied with', async () => {
    const held = Promise.withResolvers<void>()
    rig.node.script = { ...rig.node.script, beforeUnit: () => held.promise }
    const created = await createDatabase('shop-db', {}, {})
    await createModel('drafter', { provider: 'BuiltIn' })
    await rig.createRun('first', { llmProfileRef: { name: 'drafter' } })
    await untilDatabase('shop-db', readyIs('Unknown'))
    // By the operator's clock the quiet time is over; the run is not.
    rig.skewMs = 20_000
    await patchDatabase('shop-db', { metadata: { labels: { seen: 'again' } } })
    await rig.until('first', ({ status }) => status?.phase === 'Running')
    expect(await jobNames(created)).toEqual([])
    held.resolve()
    await rig.untilPhase('first', 'AwaitingReview')
    await untilDatabase('shop-db', readyIs('True'))
    expect(await jobNames(created)).toEqual(['shop-db-test-reader-1'])
    rig.skewMs = 0
  })

  it('that failed its test is tested again when a run got on with it', async () => {
    const error = { code: 'AMX-2002', message: 'no sign-in', remedy: 'Correct the Secret.' } as const
    rig.node.test = { report: () => ({ finding: null, error, calls: [] }) }
    await createDatabase('mended')
    await createModel('writer-of-drafts', { provider: 'BuiltIn' })
    await untilDatabase('mended', readyIs('False'))
    rig.node.test = goodProfile
    await rig.createRun('proof', {
      targets: [{ databaseProfileRef: { name: 'mended' } }],
      llmProfileRef: { name: 'writer-of-drafts' },
    })
    await rig.untilPhase('proof', 'AwaitingReview')
    await untilDatabase('mended', readyIs('True'))
  })

  it('is not tested by itself where its owner says so', async () => {
    const created = await createDatabase('dear', {}, { 'amx.dev/test-every': 'never' })
    const seen = await untilDatabase('dear', readyIs('Unknown'))
    expect(conditionOf(seen, 'Ready').reason).toBe('NotTested')
    await requestTest('dear', 'one')
    await untilDatabase('dear', (profile) => handled('one')(profile) && readyIs('True')(profile))
    expect(await jobNames(created)).toEqual(['dear-test-reader-1'])
  })

  it('stays as it was found when the next test cannot be made, and says so', async () => {
    await createDatabase('steady')
    const ready = await untilDatabase('steady', readyIs('True'))
    rig.node.refuse = () => ({ reason: 'ImagePullBackOff', message: 'no such image' })
    await requestTest('steady', 'again')
    await waitFor(
      () => jobNames(ready),
      (names) => names.includes('steady-test-reader-2'),
    )
    await waitFor(
      async () => [...rig.node.pods.keys()],
      (names) => names.some((name) => name.startsWith('steady-test-reader-2')),
    )
    rig.skewMs = 70_000
    await patchDatabase('steady', { metadata: { labels: { seen: 'again' } } })
    const stuck = await untilDatabase('steady', handled('again'))
    rig.skewMs = 0
    expect(stuck.status?.lastError).toMatchObject({ code: 'AMX-4003' })
    expect(conditionOf(stuck, 'Ready')).toEqual(conditionOf(ready, 'Ready'))
    expect(stuck.status?.lastTestTime).toBe(ready.status?.lastTestTime)
    expect(await rig.eventsOf(stuck)).toEqual([expect.stringContaining('Normal Tested: Version 18.4')])
  })

  it('finds a test that was under way after the operator died', async () => {
    const held = Promise.withResolvers<void>()
    rig.node.test = { ...goodProfile, before: () => held.promise }
    const created = await createDatabase('survivor')
    await waitFor(
      () => jobNames(created),
      (names) => names.length === 1,
    )
    await rig.restartOperator()
    held.resolve()
    await untilDatabase('survivor', readyIs('True'))
    expect(await jobNames(created)).toEqual(['survivor-test-reader-1'])
  })
})
