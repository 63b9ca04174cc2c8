import { afterAll, beforeAll, expect, it } from 'vitest'
import { conditionOf, type OperatorRig, startOperatorRig } from '../testing/operator-rig.ts'

let rig: OperatorRig

beforeAll(async () => {
  rig = await startOperatorRig({ tables: { 'shop.plant': ['name'] } })
  await rig.createProfiles()
})

afterAll(() => rig?.close())

const targets = [{ databaseProfileRef: { name: 'shop-db' } }]
const texts = [
  { asset: 'shop.plant', text: 'What grows here.' },
  { asset: 'shop.plant.name', text: 'Botanical name.' },
]

it('texts of a person wait for review without a draft Job, and are written like drafts', async () => {
  const run = await rig.runtime.transport.request<Awaited<ReturnType<OperatorRig['run']>>>({
    method: 'POST',
    path: `/apis/amx.dev/v1alpha1/namespaces/${rig.namespace}/metadataruns`,
    body: {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'MetadataRun',
      metadata: { name: 'by-hand', namespace: rig.namespace },
      spec: { type: 'Generate', targets, source: { texts } },
    },
  })
  const waiting = await rig.untilPhase('by-hand', 'AwaitingReview')
  expect(waiting.status).toMatchObject({ review: { unreviewed: 2 }, cost: { calls: 0 } })
  expect(conditionOf(waiting, 'Drafted')).toMatchObject({
    status: 'True',
    message: '2 texts of a person; no model was asked.',
  })
  expect((await rig.jobsOf(run)).map(({ metadata }) => metadata.labels?.['amx.dev/stage'])).toEqual(['profile'])

  await rig.decide(waiting, { filter: { verdict: 'Accept' }, apply: true })
  const done = await rig.untilPhase('by-hand', 'Succeeded')
  expect(done.status).toMatchObject({ apply: { applied: 2 }, review: { queued: 0 } })
})

it('a rerun of texts that no model made must say which model to ask', async () => {
  const source = { runRef: { name: 'by-hand' }, assets: ['shop.plant.name'] }
  await rig.runtime.transport.request({
    method: 'POST',
    path: `/apis/amx.dev/v1alpha1/namespaces/${rig.namespace}/metadataruns`,
    body: {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'MetadataRun',
      metadata: { name: 'again', namespace: rig.namespace },
      spec: { type: 'Rerun', source },
    },
  })
  const failed = await rig.untilPhase('again', 'Failed')
  expect(conditionOf(failed, 'Succeeded').message).toContain('run "by-hand" asked no model')
})
