import { beforeAll, expect, inject, test } from 'vitest'
import { npmRun } from './setup.ts'
import { condition, namespace, openSystem, readRun, type System, until, untilRun } from './system.ts'

let system: System

beforeAll(() => {
  system = openSystem()
})

test('ends with five comments that the warehouse itself gives', async () => {
  const output = inject('quickstartOutput')
  const shown = output.slice(output.indexOf('As PostgreSQL gives them:'), output.indexOf('Next:')).split('\n').slice(1)
  const pairs = shown.flatMap((line, index) =>
    index % 2 === 0 && line.trim() !== '' ? [{ path: line.trim(), text: (shown[index + 1] ?? '').trim() }] : [],
  )
  expect(pairs).toHaveLength(5)
  const comments = inject('commentsAfterQuickstart')
  for (const { path, text } of pairs) expect(comments[path], path).toBe(text)
})

test('says what changed and what to try next', () => {
  const output = inject('quickstartOutput')
  expect(output).toMatch(/warehouse\s+\d+ tables, \d+ columns/)
  expect(output).toMatch(/confidence\s+\d+ high · \d+ medium · \d+ low/)
  expect(output).toMatch(/cost\s+\$0 \(0 model calls\)/)
  expect(output).toMatch(/kubectl amx review first-run/)
})

test('leaves alone every comment that was there before, and the table nobody may read', async () => {
  const comments = inject('commentsAfterQuickstart')
  expect(comments['catalog.product.weight_g']).toBe('Price of the product in euros, including value added tax.')
  expect(comments['sales.payment_card_vault']).toBeUndefined()
  const rows = await system.results('first-run')
  const vault = rows.filter(({ path }) => path.startsWith('sales.payment_card_vault'))
  for (const row of vault) expect(row.skippedReason).toMatch(/SELECT/)
})

test('runs again without writing anything again', async () => {
  const before = await system.changes('first-run')
  const output = await npmRun('quickstart', system.stateDir)
  expect(output).toMatch(/As PostgreSQL gives them:/)
  expect(await system.changes('first-run')).toEqual(before)
})

test('shows type, phase, progress, confidence and cost in kubectl get', async () => {
  const table = await system.kubectl.run(['get', 'mrun', '-n', namespace])
  const [header = ''] = table.split('\n')
  for (const column of ['TYPE', 'PHASE', 'PROGRESS', 'HIGH', 'COST']) expect(header).toContain(column)
  expect(table).toMatch(/first-run\s+Analyze\s+AwaitingReview/)
})

test('explains in kubectl describe where the run stands and what happens next', async () => {
  const text = await system.kubectl.run(['describe', 'mrun', 'first-run', '-n', namespace])
  expect(text).toMatch(/AwaitingReview/)
  expect(text).toMatch(/review/i)
  const run = await readRun(system, 'first-run')
  for (const type of ['ScopeResolved', 'Profiled', 'Drafted', 'Applied']) {
    expect(condition(run, type)?.status, type).toBe('True')
    expect(condition(run, type)?.message, type).not.toBe('')
  }
  expect(condition(run, 'Ready')).toMatchObject({ status: 'True', reason: 'AwaitingReview' })
})

test('gives the log of each stage through kubectl logs', async () => {
  for (const stage of ['profile', 'draft', 'apply']) {
    const log = await system.kubectl.run(['logs', '-n', namespace, `job/first-run-${stage}-1`])
    expect(log.split('\n').filter((line) => line.startsWith('{')).length, stage).toBeGreaterThan(0)
  }
})

test('cleans up behind kubectl delete and keeps the record', async () => {
  const name = 'to-be-deleted'
  const spec = { ...(await readRun(system, 'first-run')).spec, review: { strategy: 'Manual' } }
  await system.kubectl.apply([
    { apiVersion: 'amx.dev/v1alpha1', kind: 'MetadataRun', metadata: { name, namespace }, spec },
  ])
  await untilRun(system, name, ({ status }) => status?.phase === 'AwaitingReview')
  await system.kubectl.run(['delete', 'mrun', name, '-n', namespace, '--timeout=60s'])
  await until('the Jobs are gone', async () => {
    const jobs = await system.kubectl.json<{ items: unknown[] }>([
      'get',
      'jobs',
      '-n',
      namespace,
      '-l',
      `amx.dev/run=${name}`,
    ])
    return jobs.items.length === 0
  })
  const archived = await system.read<{ uid: string }>(`/api/v1/namespaces/${namespace}/runs/${name}`)
  expect(archived.uid).not.toBe('')
})
