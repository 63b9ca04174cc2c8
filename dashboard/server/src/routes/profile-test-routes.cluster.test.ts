import { randomUUID } from 'node:crypto'
import type { ProfileTestPart, ProfileTestReport, ProfileTestSettings } from '@amx/api'
import type { OperatorStore } from '@amx/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningServer } from '../start-server.ts'
import { type CreatedObject, createObject, startTestSystem, type TestSystem } from '../testing/test-system.ts'

let system: TestSystem
let server: RunningServer
let operator: OperatorStore
let namespace: string

beforeAll(async () => {
  system = await startTestSystem('profile-test')
  ;({ server, operator, namespace } = system)
})

afterAll(() => system.close())

const model: ProfileTestSettings = {
  part: 'Model',
  model: {
    ...{ profileName: 'model', provider: 'OpenAI', model: 'gpt-4o', baseURL: null, hasKey: true, price: null },
    limits: { concurrency: 1, timeoutMs: 1_000, retries: 0 },
  },
}

/** A profile whose first test is under way. */
async function profileUnderTest(): Promise<CreatedObject> {
  const name = `model-${randomUUID().slice(0, 8)}`
  const made = await createObject(`/apis/amx.dev/v1alpha1/namespaces/${namespace}/llmprofiles`, {
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'LLMProfile',
    metadata: { name },
    spec: { provider: 'OpenAI', model: 'gpt-4o' },
  })
  await operator.beginProfileTest({
    ...{ uid: made.metadata.uid, kind: 'LLMProfile', namespace, name, number: 1, specDigest: 'one', request: null },
    parts: [model],
  })
  return made
}

/** The token of a pod of a Job that tests a part of the profile. */
async function podToken({ metadata }: CreatedObject, part: ProfileTestPart, uid = metadata.uid): Promise<string> {
  const owned = (apiVersion: string, kind: string, of: CreatedObject['metadata']) => [
    { apiVersion, kind, name: of.name, uid: of.uid, controller: true, blockOwnerDeletion: false },
  ]
  const name = `job-${randomUUID().slice(0, 8)}`
  const spec = { restartPolicy: 'Never', containers: [{ name: 'worker', image: 'amx.dev/worker:dev' }] }
  const labels = {
    'amx.dev/profile-uid': uid,
    'amx.dev/stage': `test-${part.toLowerCase()}`,
    'amx.dev/attempt': '1',
  }
  const job = await createObject(`/apis/batch/v1/namespaces/${namespace}/jobs`, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, labels, ownerReferences: owned('amx.dev/v1alpha1', 'LLMProfile', metadata) },
    spec: { suspend: true, template: { spec } },
  })
  const pod = await createObject(`/api/v1/namespaces/${namespace}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-pod`, ownerReferences: owned('batch/v1', 'Job', job.metadata) },
    spec,
  })
  const token = await createObject(`/api/v1/namespaces/${namespace}/serviceaccounts/default/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      ...{ expirationSeconds: 600, audiences: ['amx-server'] },
      boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: pod.metadata.name, uid: pod.metadata.uid },
    },
  })
  return token.status?.token ?? ''
}

async function call(token: string, path: string, body?: object) {
  const response = await fetch(`${server.url}/worker/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const found: ProfileTestReport = {
  finding: { part: 'Model', capabilities: { logprobs: true } },
  error: null,
  calls: [],
}

test('a test pod is told what to try, priced, and its report ends the test', async () => {
  const profile = await profileUnderTest()
  const token = await podToken(profile, 'Model')
  const { body } = await call(token, '/test/assignment')
  expect(body).toMatchObject({
    profile: { kind: 'LLMProfile', namespace, name: profile.metadata.name },
    settings: { part: 'Model', model: { model: 'gpt-4o', listed: { entry: { model: 'gpt-4o' } } } },
  })
  expect(await call(token, '/test/report', found)).toMatchObject({ status: 200, body: { recorded: true } })
  const { newest } = await operator.observeProfileTests(profile.metadata.uid)
  expect(newest?.parts).toMatchObject([{ part: 'Model', finding: found.finding }])
  expect(await call(token, '/test/assignment')).toMatchObject({ status: 409, body: { code: 'AMX-1009' } })
})

test('a report that is neither a finding nor an error, or of another part, is refused', async () => {
  const profile = await profileUnderTest()
  const token = await podToken(profile, 'Model')
  const writer = { part: 'Writer', tables: null, refused: [] }
  const unknown = { code: 'AMX-0000', message: 'x', remedy: 'y' }
  for (const wrong of [{ finding: null }, { finding: writer }, { finding: null, error: unknown }])
    expect(await call(token, '/test/report', { ...found, ...wrong })).toMatchObject({ body: { code: 'AMX-1014' } })
})

test('a test pod speaks for its own profile, and for nothing else', async () => {
  const [profile, other] = [await profileUnderTest(), await profileUnderTest()]
  const token = await podToken(profile, 'Model')
  for (const path of ['/assignment', '/context/assignment'])
    expect(await call(token, path)).toMatchObject({ status: 401, body: { code: 'AMX-1010' } })
  const forged = await podToken(profile, 'Model', other.metadata.uid)
  expect(await call(forged, '/test/assignment')).toMatchObject({ status: 401 })
})
