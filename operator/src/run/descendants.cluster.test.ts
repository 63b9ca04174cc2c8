import type { MetadataRun } from '@amx/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conditionOf, type OperatorRig, shopAssets, startOperatorRig, waitFor } from '../testing/operator-rig.ts'

let rig: OperatorRig

beforeAll(async () => {
  rig = await startOperatorRig()
  await rig.createProfiles()
  await rig.createRun('first')
  await rig.untilPhase('first', 'AwaitingReview')
})
afterAll(() => rig.close())

type Source = NonNullable<MetadataRun['spec']['source']>

function goOn(name: string, type: 'Rerun' | 'Variations', source: Omit<Source, 'runRef'>, runName = 'first') {
  const spec = { type, source: { runRef: { name: runName }, ...source }, targets: undefined, llmProfileRef: undefined }
  return rig.createRun(name, spec as unknown as Partial<MetadataRun['spec']>)
}

const stagesOf = async (run: MetadataRun) =>
  (await rig.jobsOf(run)).map(({ metadata }) => metadata.labels?.['amx.dev/stage'])

async function rowsOf(run: MetadataRun) {
  return (await rig.serverStore.listResults(run.metadata.uid, { limit: 99 })).rows
}

describe('a rerun', () => {
  it('drafts again without a profile Job and awaits review', async () => {
    const run = await goOn('again', 'Rerun', {})
    const drafted = await rig.untilPhase('again', 'AwaitingReview')
    expect(await stagesOf(run)).toEqual(['draft'])
    expect(conditionOf(drafted, 'Profiled')).toMatchObject({
      status: 'True',
      reason: 'NotNeeded',
      message: expect.stringContaining('nothing is read from the database'),
    })
    expect(drafted.status).toMatchObject({ progress: '2/2', columns: { planned: 6, profiled: 6, drafted: 6 } })
    expect((await rowsOf(run)).map(({ version }) => version)).toEqual(Array(shopAssets).fill(2))
  })

  it('of named assets drafts those alone', async () => {
    const run = await goOn('some', 'Rerun', { assets: ['shop.plant.price', 'shop.sale'] })
    await rig.untilPhase('some', 'AwaitingReview')
    expect((await rowsOf(run)).map(({ path }) => path)).toEqual(['shop.plant.price', 'shop.sale'])
  })

  it('of a filter drafts what matches', async () => {
    const run = await goOn('filtered', 'Rerun', { filter: { tables: ['shop.plant'], kinds: ['Column'] } })
    await rig.untilPhase('filtered', 'AwaitingReview')
    expect((await rowsOf(run)).map(({ path }) => path)).toEqual([
      'shop.plant.id',
      'shop.plant.name',
      'shop.plant.price',
    ])
  })

  it('of what its source has not ends with the name of it', async () => {
    await goOn('unknown', 'Rerun', { assets: ['shop.nope'] })
    const failed = await rig.untilPhase('unknown', 'Failed')
    expect(failed.status?.lastError).toMatchObject({
      code: 'AMX-1006',
      message: 'shop.nope does not exist among the results of run "first"',
    })
    expect(await rig.jobsOf(failed)).toEqual([])
  })

  it('waits for a source that appears later, and begins by itself', async () => {
    await goOn('early', 'Rerun', {}, 'late')
    expect((await rig.untilPhase('early', 'Pending')).status?.phase).toBe('Pending')
    await rig.createRun('late')
    await rig.untilPhase('early', 'AwaitingReview')
  })

  it('goes on from a run that has left the cluster', async () => {
    const gone = await rig.createRun('gone')
    await rig.untilPhase('gone', 'AwaitingReview')
    await rig.runs.delete(`${rig.namespace}/gone`)
    const isGone = () =>
      rig.runs.get(`${rig.namespace}/gone`).then(
        () => false,
        () => true,
      )
    await waitFor(isGone, (left) => left)
    const run = await goOn('orphan', 'Rerun', { assets: ['shop.sale.id'] }, 'gone')
    await rig.untilPhase('orphan', 'AwaitingReview')
    const [row] = await rowsOf(run)
    const versions = await rig.serverStore.listVersions(run.metadata.uid, row?.id ?? '')
    expect(versions?.versions.map((version) => version.run.uid)).toEqual([gone.metadata.uid, run.metadata.uid])
  })

  it('can be accepted only once the version that is accepted is restored', async () => {
    const source = await rig.createRun('locked')
    const one = await rig.untilPhase('locked', 'AwaitingReview')
    await rig.decide(one, { items: [{ asset: 'shop.sale.id', verdict: 'Accept' }] }, 'accept-one')
    await rig.untilDecided('accept-one')
    await goOn('locked-2', 'Rerun', { assets: ['shop.sale.id'] }, 'locked')
    const two = await rig.untilPhase('locked-2', 'AwaitingReview')
    await rig.decide(two, { items: [{ asset: 'shop.sale.id', verdict: 'Accept' }] }, 'accept-two')
    expect(conditionOf(await rig.untilDecided('accept-two'), 'Recorded')).toMatchObject({
      status: 'False',
      reason: 'VersionLocked',
      message: expect.stringContaining('kubectl amx restore locked shop.sale.id'),
    })
    await rig.decide(one, { items: [{ asset: 'shop.sale.id', verdict: 'Restore' }] }, 'restore-one')
    await rig.untilDecided('restore-one')
    await rig.decide(two, { items: [{ asset: 'shop.sale.id', verdict: 'Accept' }] }, 'accept-again')
    expect(conditionOf(await rig.untilDecided('accept-again'), 'Recorded')).toMatchObject({ status: 'True' })
    const { rows } = await rig.serverStore.listQueue({ namespace: rig.namespace, limit: 99 })
    expect(rows.map(({ path, run }) => [path, run.name])).toEqual([['shop.sale.id', 'locked-2']])
    expect(source.metadata.uid).toBe(one.metadata.uid)
  })

  it('writes what was accepted of it, also through a run of type Apply', async () => {
    await goOn('write', 'Rerun', { assets: ['shop.plant.price'] })
    const run = await rig.untilPhase('write', 'AwaitingReview')
    await rig.decide(run, { items: [{ asset: 'shop.plant.price', verdict: 'Accept' }] }, 'accept-write')
    await rig.untilDecided('accept-write')
    await rig.createRun('write-it', {
      type: 'Apply',
      source: { runRef: { name: 'write' } },
      targets: undefined,
      llmProfileRef: undefined,
    } as unknown as Partial<MetadataRun['spec']>)
    const applied = await rig.untilPhase('write-it', 'Succeeded')
    expect(applied.status?.apply).toMatchObject({ applied: 1 })
  })
})

describe('variations', () => {
  it('are another version of the one asset, with the seed', async () => {
    const run = await goOn('varied', 'Variations', { alternative: { asset: 'shop.plant.name', index: 2 } })
    await rig.untilPhase('varied', 'AwaitingReview')
    const [row, ...others] = await rowsOf(run)
    expect(others).toEqual([])
    expect(row?.seed).toMatchObject({ index: 2, text: 'What shop.plant.name is, version 2.' })
    expect(await stagesOf(run)).toEqual(['draft'])
  })

  it('of an alternative that is not there end with what is', async () => {
    await goOn('varied-5', 'Variations', { alternative: { asset: 'shop.plant.name', index: 5 } })
    const failed = await rig.untilPhase('varied-5', 'Failed')
    expect(failed.status?.lastError?.message).toBe('spec.source.alternative: shop.plant.name has 3 alternatives, not 5')
  })
})
