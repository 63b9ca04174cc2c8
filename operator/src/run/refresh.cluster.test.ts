import { afterAll, beforeAll, expect, it } from 'vitest'
import { conditionOf, type OperatorRig, startOperatorRig } from '../testing/operator-rig.ts'

let rig: OperatorRig

beforeAll(async () => {
  rig = await startOperatorRig({ tables: { 'shop.plant': ['name', 'height'] } })
  await rig.createProfiles()
})

afterAll(() => rig?.close())

it('a refresh reads the catalog with one Job, asks no model, and ends with what it read', async () => {
  const run = await rig.runtime.transport.request<Awaited<ReturnType<OperatorRig['run']>>>({
    method: 'POST',
    path: `/apis/amx.dev/v1alpha1/namespaces/${rig.namespace}/metadataruns`,
    body: {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'MetadataRun',
      metadata: { name: 'refresh', namespace: rig.namespace },
      spec: { type: 'Refresh', targets: [{ databaseProfileRef: { name: 'shop-db' } }] },
    },
  })
  const done = await rig.untilPhase('refresh', 'Succeeded')
  expect(conditionOf(done, 'Succeeded').message).toBe(
    'The catalog was read: 1 table with 2 columns. No model was asked.',
  )
  expect(done.status).toMatchObject({ cost: { calls: 0 } })
  expect((await rig.jobsOf(run)).map(({ metadata }) => metadata.labels?.['amx.dev/stage'])).toEqual(['profile'])
})
