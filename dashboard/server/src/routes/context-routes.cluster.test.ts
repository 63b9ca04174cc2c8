import { randomUUID } from 'node:crypto'
import { type ContextFinish, digestOf, encodeVector, type FoundChunk, type RunSettings } from '@amx/api'
import { embedForSearch } from '@amx/retrieval'
import type { OperatorStore } from '@amx/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningServer } from '../start-server.ts'
import { type CreatedObject, createObject, startTestSystem, type TestSystem } from '../testing/test-system.ts'

let system: TestSystem
let server: RunningServer
let operator: OperatorStore
let namespace: string

beforeAll(async () => {
  system = await startTestSystem('context')
  ;({ server, operator, namespace } = system)
})

afterAll(() => system.close())

async function createAmx(plural: string, kind: string, name: string, spec: object): Promise<CreatedObject> {
  const body = { apiVersion: 'amx.dev/v1alpha1', kind, metadata: { name }, spec }
  return createObject(`/apis/amx.dev/v1alpha1/namespaces/${namespace}/${plural}`, body)
}

/** The token of a pod of a Job of `owner`. */
async function podToken(owner: CreatedObject, labels: Record<string, string>): Promise<string> {
  const ownedBy = ({ apiVersion, kind, metadata: { name, uid } }: CreatedObject) => [
    { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: false },
  ]
  const name = `job-${randomUUID().slice(0, 8)}`
  const spec = { restartPolicy: 'Never', containers: [{ name: 'worker', image: 'amx.dev/worker:dev' }] }
  const job = await createObject(`/apis/batch/v1/namespaces/${namespace}/jobs`, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, labels, ownerReferences: ownedBy(owner) },
    spec: { suspend: true, template: { spec } },
  })
  const pod = await createObject(`/api/v1/namespaces/${namespace}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-pod`, ownerReferences: ownedBy({ ...job, apiVersion: 'batch/v1', kind: 'Job' }) },
    spec,
  })
  return serviceAccountToken('default', {
    audiences: ['amx-server'],
    boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: pod.metadata.name, uid: pod.metadata.uid },
  })
}

async function serviceAccountToken(account: string, spec: object): Promise<string> {
  const answer = await createObject(`/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 600, ...spec },
  })
  return answer.status?.token ?? ''
}

async function call(token: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.json() }
}

const pages = [
  ['orders.md', 'Orders > Status', 'The status of an order is open, paid, shipped or refunded.'],
  ['orders.md', 'Orders > Refunds', 'A refund is paid within 14 days after the parcel came back.'],
  ['plants.md', 'Plants', 'A plant is sold by its botanical name; its price is in euros without tax.'],
] as const

function documentsOf(): object[] {
  return [...new Set(pages.map(([path]) => path))].map((path) => {
    const own = pages.filter(([of]) => of === path)
    const chunks = own.map(([, title, text], ordinal) => ({
      ...{ path, ordinal, startLine: ordinal + 1, endLine: ordinal + 1, title, text },
      vector: encodeVector(embedForSearch(`${title} ${text}`)),
    }))
    return { path, digest: digestOf(path), chunks }
  })
}

/** A source whose index holds {@link pages}, filled by a pod over HTTP. */
async function indexedSource(name: string): Promise<CreatedObject> {
  const spec = { kind: 'Documents', configMap: { name: 'pages' } } as const
  const source = await createAmx('contextsources', 'ContextSource', name, spec)
  const { uid } = source.metadata
  await operator.beginContextIndex({ uid, namespace, name, kind: 'Documents', spec, specDigest: 'sha256:1', number: 1 })
  const token = await podToken(source, indexLabels(uid))
  const assignment = await call(token, '/worker/v1/context/assignment')
  expect(assignment.body).toMatchObject({ source: { uid, namespace, name }, kind: 'Documents', knownRevision: null })
  const { indexId } = assignment.body as { indexId: string }
  const posted = await call(token, '/worker/v1/context/documents', { indexId, documents: documentsOf() })
  expect(posted).toEqual({ status: 200, body: { recorded: true } })
  const finish: ContextFinish = { indexId, revision: 'r1', documents: 2, chunks: 3, skipped: [] }
  expect(await call(token, '/worker/v1/context/finish', finish)).toEqual({ status: 200, body: { recorded: true } })
  return source
}

const indexLabels = (uid: string) => ({
  'amx.dev/stage': 'index',
  'amx.dev/context-source-uid': uid,
  'amx.dev/attempt': '1',
})

async function draftToken(name: string, context: RunSettings['context']): Promise<string> {
  const run = await createAmx('metadataruns', 'MetadataRun', name, {
    type: 'Analyze',
    targets: [{ databaseProfileRef: { name: 'nothing' } }],
    llmProfileRef: { name: 'nothing' },
  })
  const settings = { version: 1, type: 'Analyze', targets: [], model: null, context } as unknown as RunSettings
  const { uid } = run.metadata
  const request = { uid, namespace, name, type: 'Analyze', specDigest: name, settings, settingsDigest: name }
  await operator.beginRun({ ...request, scopeText: '', origin: null })
  return podToken(run, { 'amx.dev/run-uid': uid, 'amx.dev/stage': 'draft' })
}

function searchFor(...texts: string[]): object {
  return {
    kind: 'Documents',
    limit: 2,
    queries: texts.map((text) => ({ text, vector: encodeVector(embedForSearch(text)) })),
  }
}

test('what an index pod posts is found by the drafts of a run that names the source, and by no other', async () => {
  const source = await indexedSource('handbook')
  const settings = { name: 'handbook', uid: source.metadata.uid, kind: 'Documents', revision: 'r1' } as const
  const token = await draftToken('with-context', [settings])
  const found = await call(token, '/worker/v1/context/search', searchFor('refund_days', 'plant price', 'xylophone'))
  const { results } = found.body as { results: FoundChunk[][] }
  expect(results.map((list) => list[0]?.title)).toEqual(['Orders > Refunds', 'Plants', undefined])
  expect(results[0]?.[0]).toMatchObject({ source: 'handbook', path: 'orders.md', startLine: 2, kind: 'Documents' })
  expect(results[0]?.[0]?.score).toBeCloseTo(1)

  const code = await call(token, '/worker/v1/context/search', { ...searchFor('refund'), kind: 'Code' })
  expect(code.body).toEqual({ results: [[]] })
  const other = await draftToken('without-context', [])
  expect((await call(other, '/worker/v1/context/search', searchFor('refund'))).body).toEqual({ results: [[]] })
})

test('an index pod reaches nothing but its own index, a pod of a run reaches no index', async () => {
  const source = await createAmx('contextsources', 'ContextSource', 'own', {
    kind: 'Code',
    http: { urls: ['http://x'] },
  })
  const { uid } = source.metadata
  const index = await podToken(source, indexLabels(uid))
  expect(await call(index, '/worker/v1/claim', { capacity: 1, waitMs: 0 })).toMatchObject({ status: 401 })
  expect(await call(index, '/worker/v1/context/search', searchFor('refund'))).toMatchObject({ status: 401 })
  expect(await call(index, '/worker/v1/context/assignment')).toMatchObject({ status: 409, body: { code: 'AMX-1009' } })
  await operator.beginContextIndex({
    uid,
    namespace,
    name: 'own',
    kind: 'Code',
    spec: { kind: 'Code', http: { urls: ['http://x'] } },
    specDigest: 's',
    number: 1,
  })
  const foreign = await call(index, '/worker/v1/context/documents', { indexId: '0', documents: [] })
  expect(foreign).toMatchObject({ status: 400, body: { code: 'AMX-1014' } })

  const copied = await podToken(source, { ...indexLabels(randomUUID()) })
  expect(await call(copied, '/worker/v1/context/assignment')).toMatchObject({ status: 401 })
  const draft = await draftToken('draws', [])
  expect(await call(draft, '/worker/v1/context/assignment')).toMatchObject({ status: 401 })
})

test('a person searches a source with the right to, and with nothing less', async () => {
  await indexedSource('open-book')
  const person = await createObject(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'reader' } })
  const token = await serviceAccountToken(person.metadata.name, {})
  const path = `/api/v1/namespaces/${namespace}/contextsources/open-book/search`
  expect(await call(token, `${path}?q=refund`)).toMatchObject({ status: 403, body: { code: 'AMX-1012' } })
  await grant(person.metadata.name)
  await expect.poll(async () => (await call(token, `${path}?q=refund&limit=1`)).status, { timeout: 20_000 }).toBe(200)
  const found = await call(token, `${path}?q=when+is+a+refund+paid&limit=1`)
  expect(found.body).toMatchObject({ results: [{ path: 'orders.md', title: 'Orders > Refunds', source: 'open-book' }] })
  expect(await call(token, path)).toMatchObject({ status: 400, body: { code: 'AMX-1014' } })
  expect(await call(token, `${path.replace('open-book', 'no-book')}?q=a`)).toMatchObject({ status: 404 })
})

async function grant(account: string): Promise<void> {
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
  await createObject(`${rbac}/roles`, {
    metadata: { name: 'search' },
    rules: [{ apiGroups: ['amx.dev'], resources: ['contextsources/search'], verbs: ['get'] }],
  })
  await createObject(`${rbac}/rolebindings`, {
    metadata: { name: 'search' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'search' },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  })
}
