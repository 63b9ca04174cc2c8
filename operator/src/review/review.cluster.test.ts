import type { MetadataRun, ReviewDecision } from '@amx/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  conditionOf,
  type OperatorRig,
  shopAssets,
  shopTables,
  startOperatorRig,
  waitFor,
} from '../testing/operator-rig.ts'

let rig: OperatorRig

beforeAll(async () => {
  rig = await startOperatorRig()
  await rig.createProfiles()
})

afterAll(() => rig?.close())

async function drafted(name: string, spec: Partial<MetadataRun['spec']> = {}): Promise<MetadataRun> {
  await rig.createRun(name, spec)
  return rig.untilPhase(name, 'AwaitingReview')
}

describe('a decision', () => {
  it('of single verdicts is recorded with its counts, and the run keeps waiting for the rest', async () => {
    const run = await drafted('itemised')
    await rig.decide(run, {
      items: [
        { asset: 'shop.plant.name', verdict: 'Accept', alternative: 2 },
        { asset: 'shop.plant.price', verdict: 'Accept', text: 'Price in euro, tax included.' },
        { asset: 'shop.sale', verdict: 'Skip' },
        { asset: 'shop.sale.id', verdict: 'Reject' },
      ],
    })
    const decision = await rig.untilDecided('decision-itemised')
    expect(decision.status).toMatchObject({ counts: { accepted: 2, skipped: 1, rejected: 1 } })
    expect(decision.status?.recordedTime).toBeDefined()
    const after = await rig.until('itemised', ({ status }) => status?.review?.accepted === 2)
    expect(after.status).toMatchObject({
      phase: 'AwaitingReview',
      review: { unreviewed: shopAssets - 4, skipped: 1, rejected: 1, queued: 2 },
    })
  })

  it.each([
    ['Stale', { draftDigest: `sha256:${'1'.repeat(64)}`, filter: { verdict: 'Accept' } }, 'drafts changed'],
    [
      'UnknownAsset',
      {
        items: [
          { asset: 'shop.plant.name', verdict: 'Accept' },
          { asset: 'shop.plant.colour', verdict: 'Accept' },
        ],
      },
      'shop.plant.colour',
    ],
  ] as const)('is refused whole as %s', async (reason, spec, named) => {
    const name = `refused-${reason.toLowerCase()}`
    const run = await drafted(name)
    await rig.decide(run, spec as Parameters<OperatorRig['decide']>[1])
    const decision = await rig.untilDecided(`decision-${name}`)
    expect(conditionOf(decision, 'Recorded')).toMatchObject({ status: 'False', reason })
    expect(conditionOf(decision, 'Recorded').message).toContain(named)
    expect((await rig.run(name)).status?.review?.unreviewed).toBe(shopAssets)
  })

  it('is refused whole as Conflict, NotReviewable or VersionLocked, with the row that is to blame', async () => {
    const run = await drafted('contested')
    const asset = 'shop.plant.name'
    await rig.decide(run, { items: [{ asset, verdict: 'Accept', text: 'Botanical name.' }] }, 'contested-first')
    await rig.untilDecided('contested-first')
    const refused = async (name: string, items: NonNullable<ReviewDecision['spec']['items']>) => {
      await rig.decide(run, { items: [{ asset: 'shop.sale.id', verdict: 'Accept' }, ...items] }, name)
      return conditionOf(await rig.untilDecided(name), 'Recorded')
    }
    const conflict = await refused('contested-seen', [{ asset, verdict: 'Reject', revision: 0 }])
    expect(conflict).toMatchObject({ status: 'False', reason: 'Conflict' })
    expect(conflict.message).toMatch(/shop\.plant\.name .* it is Accepted as "Botanical name\." by admin at 20/)
    const missing = await refused('contested-many', [{ asset: 'shop.plant.price', verdict: 'Accept', alternative: 5 }])
    expect(missing).toMatchObject({ status: 'False', reason: 'NotReviewable' })
    expect(missing.message).toContain('shop.plant.price')
    const again = await rig.createRun('contested-again', {
      type: 'Rerun',
      targets: undefined,
      llmProfileRef: undefined,
      source: { runRef: { name: 'contested' }, assets: [asset] },
    } as unknown as Partial<MetadataRun['spec']>)
    const rerun = await rig.untilPhase(again.metadata.name, 'AwaitingReview')
    await rig.decide(rerun, { items: [{ asset, verdict: 'Accept' }] }, 'contested-version')
    const locked = conditionOf(await rig.untilDecided('contested-version'), 'Recorded')
    expect(locked).toMatchObject({ status: 'False', reason: 'VersionLocked' })
    await rig.until('contested', ({ status }) => status?.review?.accepted === 1 && status.review.rejected === 0)
  })

  it('changes what waits to be written of a run that ended and was deleted since', async () => {
    const run = await drafted('left-early')
    const asset = 'shop.plant.name'
    await rig.decide(run, { items: [{ asset, verdict: 'Accept' }] })
    await rig.untilDecided('decision-left-early')
    await rig.decide(run, { filter: { verdict: 'Reject' } }, 'left-early-rest')
    await rig.untilPhase('left-early', 'Succeeded')
    const key = `${rig.namespace}/left-early`
    await rig.runs.delete(key, {})
    const isThere = () =>
      rig.runs.get(key).then(
        () => true,
        () => false,
      )
    await waitFor(isThere, (there) => !there)
    const edit = { asset, verdict: 'Accept', text: 'Botanical name.', revision: 1 } as const
    await rig.decide(run, { items: [edit] }, 'left-early-edit')
    expect((await rig.untilDecided('left-early-edit')).status).toMatchObject({ counts: { accepted: 1 } })
    const { rows } = await rig.serverStore.listQueue({ namespace: rig.namespace, limit: 500 })
    expect(rows.find(({ run: of }) => of.uid === run.metadata.uid)).toMatchObject({
      path: asset,
      text: 'Botanical name.',
    })
  })

  it('that asks for it has its rows written although the run writes nothing by itself', async () => {
    const run = await drafted('on-request')
    await rig.decide(run, { filter: { verdict: 'Accept', tables: ['shop.plant'] }, apply: true })
    const partly = await rig.until('on-request', ({ status }) => status?.apply?.applied === 4)
    expect(partly.status?.review).toMatchObject({ queued: 0, unreviewed: 4 })
    const waiting = await rig.untilPhase('on-request', 'AwaitingReview')
    expect(conditionOf(waiting, 'Succeeded').message).toContain('4 comments written so far')
  })

  it('on every row that asks for it is written before the run ends', async () => {
    const run = await drafted('all-at-once')
    await rig.decide(run, { filter: { verdict: 'Accept' }, apply: true })
    const done = await rig.untilPhase('all-at-once', 'Succeeded')
    expect(done.status).toMatchObject({ apply: { applied: shopAssets }, review: { queued: 0 } })
  })

  it('after a policy took the sure rows completes the run, which writes both', async () => {
    const score = (path: string) => (path.startsWith('shop.plant') ? 0.9 : 0.4)
    rig.node.script = { tables: shopTables, score }
    const run = await drafted('mixed', {
      review: { strategy: 'Auto', accept: 'High' },
      apply: { policy: 'OnAccept' },
    })
    expect(run.status).toMatchObject({ apply: { applied: 4 }, review: { unreviewed: 4 } })
    await rig.decide(run, { filter: { verdict: 'Accept' } })
    const done = await rig.untilPhase('mixed', 'Succeeded')
    expect(done.status?.apply?.applied).toBe(shopAssets)
  })

  it('for a run that does not exist is kept waiting, not lost', async () => {
    const ghost = { ...(await drafted('model-run')) }
    const absent = { ...ghost, metadata: { ...ghost.metadata, name: 'nobody' } }
    await rig.decide(absent, { filter: { verdict: 'Accept' } })
    const waiting = await waitFor(
      () => rig.decisions.get(`${rig.namespace}/decision-nobody`),
      ({ status }) => status?.conditions !== undefined,
    )
    expect(conditionOf(waiting, 'Recorded')).toMatchObject({ status: 'Unknown', reason: 'NotFound' })
  })
})
