import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conditionOf, type OperatorRig, shopAssets, startOperatorRig, waitFor } from '../testing/operator-rig.ts'

let rig: OperatorRig

beforeAll(async () => {
  rig = await startOperatorRig()
  await rig.createProfiles()
})

afterAll(() => rig?.close())

describe('a run on a real API server', () => {
  it('is drafted, waits for a person, and ends once every row is decided', async () => {
    const created = await rig.createRun('manual')
    const waiting = await rig.untilPhase('manual', 'AwaitingReview')

    expect(waiting.metadata.finalizers).toEqual(['amx.dev/archive'])
    expect(waiting.status).toMatchObject({
      observedGeneration: created.metadata.generation,
      progress: '2/2',
      columns: { planned: 6, drafted: 6 },
      confidence: { high: shopAssets, mean: '0.90' },
      review: { unreviewed: shopAssets },
      draft: { rows: shopAssets },
    })
    expect(conditionOf(waiting, 'Ready')).toMatchObject({ status: 'True', reason: 'AwaitingReview' })
    expect(conditionOf(waiting, 'Succeeded')).toMatchObject({ status: 'Unknown' })

    await rig.decide(waiting, { filter: { verdict: 'Accept' } })
    const decided = await rig.untilDecided('decision-manual')
    expect(decided.status).toMatchObject({ counts: { accepted: shopAssets } })
    expect(conditionOf(decided, 'Recorded')).toMatchObject({
      status: 'True',
      message: `Recorded: ${shopAssets} accepted.`,
    })

    const done = await rig.untilPhase('manual', 'Succeeded')
    expect(conditionOf(done, 'Succeeded')).toMatchObject({ status: 'True', reason: 'Reviewed' })
    expect(done.status?.review).toMatchObject({ unreviewed: 0, queued: shopAssets })
  })

  it('accepts by policy, writes, and ends', async () => {
    const run = await rig.createRun('auto', {
      review: { strategy: 'Auto', accept: 'All' },
      apply: { policy: 'OnAccept' },
    })
    const done = await rig.untilPhase('auto', 'Succeeded')
    expect(done.status).toMatchObject({ apply: { applied: shopAssets, failed: 0 }, review: { queued: 0 } })
    expect(done.status?.completionTime).toBeDefined()
    const jobs = await rig.jobsOf(run)
    expect(jobs.map(({ metadata }) => metadata.name).sort()).toEqual(['auto-apply-1', 'auto-draft-1', 'auto-profile-1'])
  })

  it('is over at once when a GitOps tool makes it again', async () => {
    const first = await rig.run('auto')
    await rig.runs.delete(`${rig.namespace}/auto`)
    await waitFor(
      () => rig.runs.get(`${rig.namespace}/auto`).catch(() => null),
      (run) => run === null,
    )
    const again = await rig.createRun('auto', first.spec)
    const done = await rig.untilPhase('auto', 'Succeeded')
    expect(conditionOf(done, 'Succeeded').reason).toBe('AlreadyCompleted')
    expect(await rig.jobsOf(again)).toEqual([])
  })
})
