import { readdirSync, readFileSync } from 'node:fs'
import { callApiServer, rigKubeConfigPath, testNamespace } from '@amx/hack'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { resourceDefinitions } from '../resources/definitions.ts'
import { apiVersion, type Kind, plurals } from '../resources/group.ts'
import { fitRunStatus } from '../resources/metadata-run-status.ts'
import { worstCaseRunStatus } from '../resources/worst-case-status.ts'
import { ruleCases } from './rule-cases.ts'

let namespace: string
let serial = 0

beforeAll(async () => {
  namespace = await testNamespace({ prefix: 'crd' })
})

interface KubernetesObject {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly [field: string]: unknown }
  readonly [field: string]: unknown
}

function collection(kind: string): string {
  return `/apis/${apiVersion}/namespaces/${namespace}/${plurals[kind as Kind]}`
}

function objectOf(kind: Kind, spec: object): KubernetesObject {
  serial += 1
  return { apiVersion, kind, metadata: { name: `case-${serial}` }, spec }
}

async function create(object: KubernetesObject, options: { readonly dryRun: 'All' | 'None' }) {
  const query = options.dryRun === 'All' ? '?dryRun=All&fieldValidation=Strict' : '?fieldValidation=Strict'
  const { status, body } = await callApiServer(rigKubeConfigPath(), 'POST', collection(object.kind) + query, object)
  return { status, answer: JSON.parse(body) }
}

async function replace(object: KubernetesObject, subresource = '') {
  const path = `${collection(object.kind)}/${object.metadata.name}${subresource}?fieldValidation=Strict`
  const { status, body } = await callApiServer(rigKubeConfigPath(), 'PUT', path, object)
  return { status, answer: JSON.parse(body) }
}

/** The user of the test's kubeconfig, which a decision has to name. */
async function withReviewer(spec: object): Promise<object> {
  if (!('reviewer' in spec)) return spec
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
  const { body } = await callApiServer(rigKubeConfigPath(), 'POST', path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
  })
  return { ...spec, reviewer: { username: JSON.parse(body).status.userInfo.username } }
}

test.each(resourceDefinitions)('$kind is established and its schema is structural', async ({ kind }) => {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plurals[kind]}.amx.dev`
  const { body } = await callApiServer(rigKubeConfigPath(), 'GET', path)
  const conditions: { type: string; status: string }[] = JSON.parse(body).status.conditions
  const byType = Object.fromEntries(conditions.map(({ type, status }) => [type, status]))
  expect(byType).toMatchObject({ Established: 'True', NamesAccepted: 'True' })
  expect(byType['NonStructuralSchema']).toBeUndefined()
})

describe.each(ruleCases.filter(({ before }) => before === undefined))(
  '$kind: $message',
  ({ kind, message, ...one }) => {
    test('an object that keeps the rule is taken', async () => {
      const { status, answer } = await create(objectOf(kind, await withReviewer(one.accepted)), { dryRun: 'All' })
      expect(answer.message ?? '').toBe('')
      expect(status).toBe(201)
    })

    test('one that breaks it is refused in its words', async () => {
      const { status, answer } = await create(objectOf(kind, await withReviewer(one.rejected)), { dryRun: 'All' })
      expect(status).toBe(422)
      expect(answer.message).toContain(message)
    })
  },
)

describe.each(ruleCases.filter(({ before }) => before !== undefined))(
  '$kind: $message',
  ({ kind, message, before, ...one }) => {
    test('an update that keeps the rule is taken, one that breaks it is refused', async () => {
      const created = await create(objectOf(kind, await withReviewer(before ?? {})), { dryRun: 'None' })
      expect(created.status).toBe(201)
      const kept = await replace({ ...created.answer, spec: await withReviewer(one.accepted) })
      expect(kept.status).toBe(200)
      const broken = await replace({ ...kept.answer, spec: await withReviewer(one.rejected) })
      expect(broken.status).toBe(422)
      expect(broken.answer.message).toContain(message)
    })
  },
)

describe('desiredState of a run', () => {
  test.each([
    ['nothing', undefined, 'Suspend'],
    ['Run', 'Run', 'Suspend'],
    ['Suspend', 'Suspend', 'Run'],
    ['Suspend', 'Suspend', undefined],
    ['Run', 'Run', 'Cancel'],
    ['Suspend', 'Suspend', 'Cancel'],
  ])('goes from %s on', async (_, from, to) => {
    const spec = { type: 'Refresh', targets: [{ databaseProfileRef: { name: 'pg' } }] }
    const created = await create(objectOf('MetadataRun', { ...spec, ...(from && { desiredState: from }) }), {
      dryRun: 'None',
    })
    const updated = await replace({ ...created.answer, spec: { ...spec, ...(to && { desiredState: to }) } })
    expect(updated.status).toBe(200)
  })
})

test('the biggest status a run can have is stored', async () => {
  const spec = { type: 'Refresh', targets: [{ databaseProfileRef: { name: 'pg' } }] }
  const created = await create(objectOf('MetadataRun', spec), { dryRun: 'None' })
  const { status, answer } = await replace(
    { ...created.answer, status: fitRunStatus(worstCaseRunStatus('漢')) },
    '/status',
  )
  expect(answer.message ?? '').toBe('')
  expect(status).toBe(200)
  expect(Buffer.byteLength(JSON.stringify(answer.status))).toBeLessThan(8192)
})

test('nothing is filled into a spec: what was sent is what is stored', async () => {
  const spec = {
    type: 'Analyze',
    targets: [{ databaseProfileRef: { name: 'pg' }, scope: {} }],
    llmProfileRef: { name: 'llm' },
    generation: {},
  }
  const { answer } = await create(objectOf('MetadataRun', spec), { dryRun: 'All' })
  expect(answer.spec).toEqual(spec)
})

const examples = new URL('../../../../examples/quickstart/', import.meta.url)

test.each(readdirSync(examples).filter((name) => name.endsWith('.yaml')))(
  'the quick start manifest %s is taken',
  async (name) => {
    for (const document of parseAllDocuments(readFileSync(new URL(name, examples), 'utf8'))) {
      const object = document.toJS()
      if (object?.apiVersion !== apiVersion) continue
      const { status, answer } = await create(object, { dryRun: 'All' })
      expect(answer.message ?? '').toBe('')
      expect(status).toBe(201)
    }
  },
)
