import type { MetadataRun } from '@amx/api'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  conditionOf,
  type OperatorRig,
  shopAssets,
  shopTables,
  startOperatorRig,
  waitFor,
} from '../testing/operator-rig.ts'

let rig: OperatorRig

const plain = { tables: shopTables, score: 0.9 }

beforeAll(async () => {
  rig = await startOperatorRig()
  await rig.createProfiles()
})

afterAll(() => rig?.close())

afterEach(() => {
  rig.node.script = plain
  rig.skewMs = 0
})

/** Holds the workers at their first draft unit, the only one they have claimed by then, until it is let go. */
function holdDrafting(): { letGo: () => void; reached: Promise<void> } {
  const hold = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  rig.node.script = {
    ...plain,
    capacity: 1,
    beforeUnit(unit) {
      if (unit.kind !== 'draft') return
      reached.resolve()
      return hold.promise
    },
  }
  return { letGo: hold.resolve, reached: reached.promise }
}

function want(name: string, desiredState: 'Run' | 'Suspend' | 'Cancel'): Promise<MetadataRun> {
  return rig.runs.patch(`${rig.namespace}/${name}`, { spec: { desiredState } })
}

async function isGone(name: string): Promise<boolean> {
  const found = await rig.runs.get(`${rig.namespace}/${name}`).catch(() => null)
  return found === null
}

describe('a person', () => {
  it('suspends a run and lets it go on, and nothing is drafted twice', async () => {
    const { letGo, reached } = holdDrafting()
    await rig.createRun('paused')
    await reached
    await want('paused', 'Suspend')
    const suspended = await rig.untilPhase('paused', 'Suspended')
    expect(conditionOf(suspended, 'Ready')).toMatchObject({ status: 'True', reason: 'Suspended' })
    letGo()
    rig.node.script = plain
    await waitFor(
      () => rig.jobsOf(suspended),
      (jobs) => jobs.every(({ status }) => status?.completionTime !== undefined),
    )
    await want('paused', 'Run')
    const done = await rig.untilPhase('paused', 'AwaitingReview')
    expect(done.status?.draft?.rows).toBe(shopAssets)
    expect(done.status?.jobs?.map(({ name }) => name)).toContain('paused-draft-2')
  })

  it('cancels a run: its workers stop, and it ends as Cancelled', async () => {
    const { letGo } = holdDrafting()
    await rig.createRun('unwanted')
    await rig.until('unwanted', ({ status }) => status?.jobs?.some(({ state }) => state === 'Running') ?? false)
    await want('unwanted', 'Cancel')
    await rig.until('unwanted', (run) => conditionOf(run, 'Succeeded').reason === 'Cancelling')
    letGo()
    const cancelled = await rig.untilPhase('unwanted', 'Cancelled')
    expect(conditionOf(cancelled, 'Succeeded')).toMatchObject({ status: 'False', reason: 'Cancelled' })
    expect(cancelled.status?.completionTime).toBeDefined()
  })

  it('cancels a run whose workers do not stop: their Jobs are removed after 30 s', async () => {
    const { letGo } = holdDrafting()
    const run = await rig.createRun('deaf')
    await rig.until('deaf', ({ status }) => status?.jobs?.some(({ state }) => state === 'Running') ?? false)
    await want('deaf', 'Cancel')
    await rig.until('deaf', (seen) => conditionOf(seen, 'Succeeded').reason === 'Cancelling')
    rig.skewMs = 31_000
    // Whatever wakes the controller shows it that the time is over.
    await rig.runs.patch(`${rig.namespace}/deaf`, { metadata: { labels: { woken: 'true' } } })
    await rig.untilPhase('deaf', 'Cancelled')
    const jobs = await rig.jobsOf(run)
    expect(jobs.filter(({ metadata, status }) => !metadata.deletionTimestamp && !status?.completionTime)).toEqual([])
    letGo()
  })

  it('cancels a run that waits for a review', async () => {
    await rig.createRun('reconsidered')
    const waiting = await rig.untilPhase('reconsidered', 'AwaitingReview')
    await want('reconsidered', 'Cancel')
    await rig.untilPhase('reconsidered', 'Cancelled')
    await rig.decide(waiting, { filter: { verdict: 'Accept' } })
    const decision = await rig.untilDecided('decision-reconsidered')
    expect(conditionOf(decision, 'Recorded')).toMatchObject({ status: 'False', reason: 'NotReviewable' })
  })

  it('deletes a run at work: its Jobs go with it, its record stays in the store', async () => {
    const { letGo } = holdDrafting()
    const run = await rig.createRun('dropped')
    await rig.until('dropped', ({ status }) => status?.jobs?.some(({ state }) => state === 'Running') ?? false)
    await rig.runs.delete(`${rig.namespace}/dropped`)
    await waitFor(
      () => isGone('dropped'),
      (gone) => gone,
    )
    letGo()
    await waitFor(
      () => rig.jobsOf(run),
      (jobs) => jobs.length === 0,
    )
    expect((await rig.operatorStore.observeRun(run.metadata.uid))?.desiredState).toBe('Cancel')
  })
})

describe('time', () => {
  it('ends a run that was active for longer than its deadline', async () => {
    const { letGo } = holdDrafting()
    await rig.createRun('slow', { activeDeadline: '10m' })
    await rig.until('slow', ({ status }) => status?.jobs?.some(({ state }) => state === 'Running') ?? false)
    rig.skewMs = 11 * 60_000
    await rig.runs.patch(`${rig.namespace}/slow`, { metadata: { labels: { woken: 'true' } } })
    const failed = await rig.untilPhase('slow', 'Failed')
    expect(failed.status?.lastError?.code).toBe('AMX-1015')
    letGo()
  })

  it('deletes an ended run of the plugin, and keeps one of a person or of a GitOps tool', async () => {
    const made = { ttlAfterFinished: '1h', generation: { batchAPI: true } } as const
    const plugin = { 'amx.dev/origin': 'plugin' }
    await rig.createRun('by-plugin', made, plugin)
    await rig.createRun('by-flux', made, { ...plugin, 'kustomize.toolkit.fluxcd.io/name': 'shop' })
    await rig.createRun('by-person', made)
    const [, flux, person] = await Promise.all(
      ['by-plugin', 'by-flux', 'by-person'].map((name) => rig.untilPhase(name, 'Failed')),
    )
    expect(conditionOf(flux as MetadataRun, 'Retained')).toMatchObject({ status: 'True', reason: 'TrackedByGitOps' })
    expect(conditionOf(person as MetadataRun, 'Retained')).toMatchObject({ status: 'True', reason: 'MadeByAPerson' })

    rig.skewMs = 61 * 60_000
    for (const name of ['by-plugin', 'by-flux', 'by-person']) {
      await rig.runs.patch(`${rig.namespace}/${name}`, { metadata: { labels: { woken: 'true' } } })
    }
    await waitFor(
      () => isGone('by-plugin'),
      (gone) => gone,
    )
    expect([await isGone('by-flux'), await isGone('by-person')]).toEqual([false, false])
  })
})
