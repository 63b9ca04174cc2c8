import type { DatabaseProfile, MetadataRun } from '@amx/api'
import type { KubeObject } from '@amx/kube'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  conditionOf,
  type OperatorRig,
  shopAssets,
  shopTables,
  startOperatorRig,
  waitFor,
} from '../testing/operator-rig.ts'
import { WorkerExit } from '../testing/scripted-worker.ts'

let rig: OperatorRig

const plain = { tables: shopTables, score: 0.9 }
const auto = { review: { strategy: 'Auto', accept: 'All' }, apply: { policy: 'OnAccept' } } as const

beforeAll(async () => {
  rig = await startOperatorRig()
  await rig.createProfiles()
})

afterAll(() => rig?.close())

afterEach(() => {
  rig.node.script = plain
  rig.node.refuse = () => null
})

function fatalWords(code: string, message: string): string {
  const error = { code, message, remedy: 'Mend it.' }
  return JSON.stringify({ stage: 'draft', outcome: 'Failed', stop: null, units: {}, error })
}

describe('a run in trouble', () => {
  it('starts a crashed worker again and ends as if nothing had happened', async () => {
    let crashes = 0
    rig.node.script = {
      ...plain,
      beforeUnit(unit) {
        if (unit.kind === 'draft' && crashes < 2) {
          crashes += 1
          throw new WorkerExit(137, 'Killed')
        }
      },
    }
    const run = await rig.createRun('crashing')
    const done = await rig.untilPhase('crashing', 'AwaitingReview')
    expect(done.status?.columns).toMatchObject({ drafted: 6, failed: 0 })
    expect(done.status?.jobs?.filter(({ stage }) => stage === 'draft')).toMatchObject([
      { name: 'crashing-draft-1', state: 'Failed' },
      { name: 'crashing-draft-2', state: 'Failed' },
      { name: 'crashing-draft-3' },
    ])
    const events = await waitFor(
      () => rig.eventsOf(run),
      (seen) => seen.some((event) => event.startsWith('Normal AwaitingReview')),
    )
    expect(events.find((event) => event.startsWith('Warning Retrying'))).toContain('exit code 137: Killed')
  })

  it('ends with the error of the catalogue when a worker says that no retry can help', async () => {
    rig.node.script = {
      ...plain,
      beforeUnit(unit) {
        if (unit.kind === 'draft') throw new WorkerExit(3, fatalWords('AMX-3001', 'OpenAI refused the API key: 401'))
      },
    }
    await rig.createRun('refused')
    const failed = await rig.untilPhase('refused', 'Failed')
    expect(failed.status?.lastError).toEqual({
      code: 'AMX-3001',
      message: 'OpenAI refused the API key: 401',
      remedy: 'Mend it.',
    })
    expect(conditionOf(failed, 'Stalled')).toMatchObject({ status: 'True', reason: 'ModelAuthenticationFailed' })
    expect(conditionOf(failed, 'Succeeded')).toMatchObject({ status: 'False' })
    expect(
      (await rig.jobsOf(failed)).filter(({ metadata }) => metadata.labels?.['amx.dev/stage'] === 'draft'),
    ).toHaveLength(1)
  })

  it('says which Secret a pod waits for, and goes on by itself when it is there', async () => {
    const words = { reason: 'CreateContainerConfigError', message: 'secret "reader" not found' }
    rig.node.refuse = (pod) => (pod.metadata.labels?.['amx.dev/stage'] === 'profile' ? words : null)
    await rig.createRun('secretless')
    const stuck = await rig.until('secretless', (run) => reasonOf(run, 'Succeeded') === 'SecretMissing')
    expect(conditionOf(stuck, 'Succeeded').message).toContain('secret "reader" not found')
    expect(stuck.status?.lastError?.code).toBe('AMX-1016')
    expect(stuck.status?.phase).toBe('Running')

    rig.node.refuse = () => null
    rig.node.retryRefused()
    const done = await rig.untilPhase('secretless', 'AwaitingReview')
    expect((await rig.jobsOf(done)).map(({ metadata }) => metadata.name).sort()).toEqual([
      'secretless-draft-1',
      'secretless-profile-1',
    ])
  })

  it('makes a Job that a person deleted again, as the next attempt', async () => {
    const hold = Promise.withResolvers<void>()
    rig.node.script = { ...plain, beforeUnit: (unit) => (unit.kind === 'draft' ? hold.promise : undefined) }
    await rig.createRun('robbed')
    await rig.until('robbed', (run) => jobState(run, 'robbed-draft-1') === 'Running')
    rig.node.script = plain
    await rig.jobs.delete(`${rig.namespace}/robbed-draft-1`)
    await rig.until('robbed', (run) => jobState(run, 'robbed-draft-2') !== undefined)
    hold.resolve()
    await rig.untilPhase('robbed', 'AwaitingReview')
  })

  it('says so when a quota does not let it have its Jobs, and goes on when it is lifted', async () => {
    const quotas = rig.runtime.resource<KubeObject & { spec: object }>({
      group: '',
      version: 'v1',
      kind: 'ResourceQuota',
      plural: 'resourcequotas',
      scope: 'Namespaced',
    })
    await quotas.create({
      metadata: { name: 'no-jobs', namespace: rig.namespace },
      spec: { hard: { 'count/jobs.batch': '0' } },
    })
    await waitFor(
      () => quotas.get(`${rig.namespace}/no-jobs`),
      (quota) => 'status' in quota && JSON.stringify(quota.status).includes('used'),
    )
    await rig.createRun('rationed')
    const stuck = await rig.until('rationed', (run) => reasonOf(run, 'Succeeded') === 'OperatorForbidden')
    expect(conditionOf(stuck, 'Succeeded').message).toContain('exceeded quota')
    await quotas.delete(`${rig.namespace}/no-jobs`)
    await rig.untilPhase('rationed', 'AwaitingReview')
  })

  it('waits for a profile that does not exist and starts when somebody makes it', async () => {
    const run = await rig.createRun('early', { targets: [{ databaseProfileRef: { name: 'later-db' } }] })
    const waiting = await rig.until('early', (seen) => reasonOf(seen, 'Succeeded') === 'ProfileNotFound')
    expect(waiting.status?.phase).toBe('Pending')
    expect(conditionOf(waiting, 'Ready').message).toContain('DatabaseProfile "later-db" does not exist')
    await rig.databaseProfiles.create({
      metadata: { name: 'later-db', namespace: rig.namespace },
      spec: {
        backend: 'PostgreSQL',
        postgresql: { host: 'later', database: 'shop' },
        readerSecretRef: { name: 'reader' },
      },
    } as unknown as DatabaseProfile)
    const done = await rig.untilPhase('early', 'AwaitingReview')
    expect(done.metadata.uid).toBe(run.metadata.uid)
  })

  it.each([
    ['NotYetSupported', { generation: { batchAPI: true } }, 'spec.generation.batchAPI'],
    ['ReadOnlyProfile', { ...auto, targets: [{ databaseProfileRef: { name: 'reader-only' } }] }, 'reader-only'],
    ['InvalidSpec', { targets: [{ databaseProfileRef: { name: 'shop-db' }, database: 'other' }] }, 'database'],
  ] as const)('ends at once as %s, naming what is wrong, before anything is done', async (reason, spec, named) => {
    await rig.databaseProfiles
      .create({
        metadata: { name: 'reader-only', namespace: rig.namespace },
        spec: {
          backend: 'PostgreSQL',
          postgresql: { host: 'warehouse', database: 'shop' },
          readerSecretRef: { name: 'reader' },
        },
      } as unknown as DatabaseProfile)
      .catch(() => {})
    const name = `wrong-${named.toLowerCase().replaceAll(/[^a-z]/g, '')}`
    const run = await rig.createRun(name, spec as Partial<MetadataRun['spec']>)
    const failed = await rig.untilPhase(name, 'Failed')
    expect(conditionOf(failed, 'Succeeded')).toMatchObject({ status: 'False', reason })
    expect(conditionOf(failed, 'Succeeded').message).toContain(named)
    expect(await rig.jobsOf(run)).toEqual([])
  })

  it('fails with ScopeEmpty when there is nothing in scope', async () => {
    rig.node.script = { ...plain, tables: {} }
    await rig.createRun('empty')
    const failed = await rig.untilPhase('empty', 'Failed')
    expect(conditionOf(failed, 'Succeeded').reason).toBe('ScopeEmpty')
    expect(conditionOf(failed, 'ScopeResolved').status).toBe('False')
  })

  it('ends as PartiallyApplied when some rows could not be written, which a run of type Apply tries again', async () => {
    rig.node.script = { ...plain, applyOutcome: (path) => (path === 'shop.sale.sold_at' ? 'Failed' : 'Applied') }
    await rig.createRun('partial', auto)
    const partial = await rig.untilPhase('partial', 'PartiallyApplied')
    expect(partial.status).toMatchObject({ apply: { applied: shopAssets - 1, failed: 1 }, review: { queued: 1 } })
    expect(conditionOf(partial, 'Applied')).toMatchObject({ status: 'False', reason: 'SomeFailed' })
    expect(conditionOf(partial, 'Succeeded').status).toBe('True')

    rig.node.script = plain
    const spec = { type: 'Apply', source: { runRef: { name: 'partial' } } } as const
    const apply = await rig.runs.create({
      metadata: { name: 'again', namespace: rig.namespace },
      spec,
    } as unknown as MetadataRun)
    const done = await rig.untilPhase('again', 'Succeeded')
    expect(done.status?.apply).toMatchObject({ applied: 1, failed: 0 })
    expect((await rig.jobsOf(apply.object)).map(({ metadata }) => metadata.name)).toEqual(['again-apply-1'])
  })

  it('ends after a dry run with nothing written and every row still queued', async () => {
    await rig.createRun('dry', { ...auto, apply: { policy: 'OnAccept', dryRun: true } })
    const done = await rig.untilPhase('dry', 'Succeeded')
    expect(conditionOf(done, 'Succeeded').reason).toBe('DryRun')
    expect(done.status).toMatchObject({ apply: { applied: 0 }, review: { queued: shopAssets } })
  })
})

function reasonOf(run: MetadataRun, type: string): string | undefined {
  return run.status?.conditions?.find((condition) => condition.type === type)?.reason
}

function jobState(run: MetadataRun, name: string): string | undefined {
  return run.status?.jobs?.find((job) => job.name === name)?.state
}
