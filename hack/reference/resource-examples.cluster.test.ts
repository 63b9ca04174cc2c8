import { apiVersion, type Kind, kinds, plurals } from '@amx/api'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { callApiServer, rigKubeConfigPath, testNamespace } from '../rig/index.ts'
import { resourceExamples } from './resource-examples.ts'

let namespace: string

beforeAll(async () => {
  namespace = await testNamespace({ prefix: 'examples' })
})

// The example of a decision names a user who is not the test's, which is what the admission policy is there to refuse.
test.each(kinds.filter((kind) => kind !== 'ReviewDecision'))(
  'the example of %s is taken as it stands',
  async (kind) => {
    const { status, body } = await create(kind, parse(resourceExamples[kind]))
    expect(JSON.parse(body).message ?? '').toBe('')
    expect(status).toBe(201)
  },
)

test('the example of a ReviewDecision lacks nothing but to be made by its reviewer', async () => {
  const { status, body } = await create('ReviewDecision', parse(resourceExamples.ReviewDecision))
  expect(status).toBe(403)
  expect(JSON.parse(body).message).toContain('spec.reviewer.username must be the user who creates the decision')
})

function create(kind: Kind, object: object) {
  const path = `/apis/${apiVersion}/namespaces/${namespace}/${plurals[kind]}?dryRun=All&fieldValidation=Strict`
  return callApiServer(rigKubeConfigPath(), 'POST', path, object)
}
