import { startLlmStub } from '@amx/hack/llm-stub'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  applyRun,
  applyStubProfile,
  condition,
  namespace,
  neverTested,
  openSystem,
  type System,
  untilPhase,
  untilRun,
} from './system.ts'

let system: System
let stub: Awaited<ReturnType<typeof startLlmStub>>

beforeAll(async () => {
  system = openSystem()
  stub = await startLlmStub()
  await applyStubProfile(system, 'refusal-stub', stub.url)
})

afterAll(() => stub.stop())

async function applyDatabaseProfile(
  name: string,
  change: { postgresql?: object; readerSecretRef?: object },
): Promise<void> {
  const { port } = { port: system.settings.ports.warehouse }
  await system.kubectl.apply([
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'DatabaseProfile',
      metadata: { name, namespace, annotations: neverTested },
      spec: {
        backend: 'PostgreSQL',
        postgresql: { host: '127.0.0.1', port, database: 'amx_demo', tls: { mode: 'disable' }, ...change.postgresql },
        readerSecretRef: change.readerSecretRef ?? { name: 'demo-warehouse-reader' },
      },
    },
  ])
}

async function expectRefused(name: string, reason: string, ...words: RegExp[]): Promise<void> {
  const run = await untilPhase(system, name, 'Failed', 'AwaitingReview', 'Succeeded')
  const verdict = condition(run, 'Succeeded')
  expect(verdict, JSON.stringify(run.status)).toMatchObject({ status: 'False', reason })
  for (const word of words) expect(verdict?.message).toMatch(word)
}

test('an unknown profile is waited for and named', async () => {
  const name = await applyRun(system, { databaseProfile: 'comes-later', include: ['catalog.category'] })
  const run = await untilRun(system, name, (seen) => condition(seen, 'Succeeded')?.reason === 'ProfileNotFound')
  expect(run.status?.phase).toBe('Pending')
  expect(condition(run, 'Succeeded')?.message).toMatch(/DatabaseProfile "comes-later"/)
  await applyDatabaseProfile('comes-later', {})
  await untilPhase(system, name, 'AwaitingReview')
})

test('a missing Secret is named and the run goes on once it is there', async () => {
  await applyDatabaseProfile('no-secret', { readerSecretRef: { name: 'late-secret' } })
  const name = await applyRun(system, { databaseProfile: 'no-secret', include: ['catalog.category'] })
  await untilRun(system, name, ({ status }) => /late-secret/.test(JSON.stringify(status?.conditions)))
  const data = Object.fromEntries(
    Object.entries({ username: 'amx_reader', password: system.settings.readerPassword }).map(([key, value]) => [
      key,
      Buffer.from(value).toString('base64'),
    ]),
  )
  await system.kubectl.apply([{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'late-secret', namespace }, data }])
  await untilPhase(system, name, 'AwaitingReview')
})

test('a wrong password ends the run with the words of the database', async () => {
  const data = {
    username: Buffer.from('amx_reader').toString('base64'),
    password: Buffer.from('wrong').toString('base64'),
  }
  await system.kubectl.apply([
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'wrong-password', namespace }, data },
  ])
  await applyDatabaseProfile('wrong-password', { readerSecretRef: { name: 'wrong-password' } })
  const name = await applyRun(system, { databaseProfile: 'wrong-password' })
  await expectRefused(name, 'WarehouseAuthenticationFailed', /password authentication failed/)
})

test('a database that does not exist ends the run', async () => {
  await applyDatabaseProfile('no-database', { postgresql: { database: 'nowhere' } })
  const name = await applyRun(system, { databaseProfile: 'no-database' })
  await expectRefused(name, 'DatabaseNotFound', /nowhere/)
})

test('a host that does not answer is retried, then named', async () => {
  await applyDatabaseProfile('no-host', { postgresql: { port: 9 } })
  const name = await applyRun(system, { databaseProfile: 'no-host' })
  const run = await untilRun(system, name, ({ status }) => /127\.0\.0\.1:9/.test(JSON.stringify(status)))
  expect(JSON.stringify(run.status)).toMatch(/WarehouseUnreachable|no connection to/)
  await system.kubectl.run(['delete', 'mrun', name, '-n', namespace, '--timeout=60s'])
})

test('a table that does not exist is answered with the nearest name', async () => {
  const name = await applyRun(system, { include: ['sales.custmer'] })
  await expectRefused(name, 'UnknownAsset', /sales\.custmer/, /sales\.customer/)
})

test('a scope that selects nothing ends the run', async () => {
  const name = await applyRun(system, { scope: { tablePattern: '^no_such_table$' } })
  await expectRefused(name, 'ScopeEmpty')
})

test('tables the reader may not see are skipped and named', async () => {
  const name = await applyRun(system, { include: ['sales.payment_card_vault', 'sales.voucher'] })
  const run = await untilPhase(system, name, 'AwaitingReview')
  expect(run.status?.columns?.skipped).toBe(6)
  const rows = await system.results(name)
  const skipped = rows.filter(({ path }) => path.startsWith('sales.payment_card_vault.'))
  expect(skipped).toHaveLength(6)
})

test('a model route that refuses the key ends the run, and nothing else is tried', async () => {
  stub.configure({ faults: [{ kind: 'unauthorized' }] })
  const name = await applyRun(system, { include: ['catalog.category'], llmProfile: 'refusal-stub' })
  await expectRefused(name, 'ModelAuthenticationFailed')
  stub.configure({ faults: [] })
})

test('a field this version does not act on ends the run by name', async () => {
  const name = await applyRun(system, { include: ['catalog.category'], spec: { generation: { batchAPI: true } } })
  await expectRefused(name, 'NotYetSupported', /spec\.generation\.batchAPI/)
})

test('a spec edited after creation is refused at admission', async () => {
  const name = await applyRun(system, { include: ['catalog.category'] })
  const patch = JSON.stringify({ spec: { llmProfileRef: { name: 'another' } } })
  const edit = system.kubectl.run(['patch', 'mrun', name, '-n', namespace, '--type=merge', '-p', patch])
  await expect(edit).rejects.toThrow(/immutable|cannot be changed/i)
})

test('a decision on drafts that changed is refused as stale, and the same decision twice is recorded once', async () => {
  const name = await applyRun(system, { include: ['catalog.category'], spec: { generation: { alternatives: 2 } } })
  const run = await untilPhase(system, name, 'AwaitingReview')
  const whoami = await system.kubectl.json<{ status: { userInfo: { username: string } } }>(['auth', 'whoami'])
  const decision = (suffix: string, draftDigest: string) => ({
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'ReviewDecision',
    metadata: { name: `${name}-${suffix}`, namespace },
    spec: {
      runRef: { name, uid: run.metadata.uid },
      draftDigest,
      reviewer: { username: whoami.status.userInfo.username },
      items: [{ asset: 'catalog.category.category_name', verdict: 'Accept' }],
    },
  })
  interface Decision {
    status?: { conditions?: { type: string; status: string; reason: string }[] }
  }
  const recorded = async (suffix: string) => {
    for (;;) {
      const found = await system.kubectl.json<Decision>(['get', 'rdec', `${name}-${suffix}`, '-n', namespace])
      const verdict = found.status?.conditions?.find(({ type }) => type === 'Recorded')
      if (verdict !== undefined) return verdict
    }
  }
  await system.kubectl.apply([decision('stale', `sha256:${'0'.repeat(64)}`)])
  expect(await recorded('stale')).toMatchObject({ status: 'False', reason: 'Stale' })
  const digest = run.status?.draft?.digest ?? ''
  await system.kubectl.apply([decision('good', digest)])
  await system.kubectl.apply([decision('good', digest)])
  expect(await recorded('good')).toMatchObject({ status: 'True' })
  const rows = await system.results(name)
  expect(rows.filter(({ state }) => state === 'Accepted').map(({ path }) => path)).toEqual([
    'catalog.category.category_name',
  ])
})
