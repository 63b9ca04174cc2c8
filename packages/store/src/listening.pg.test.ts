import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '@amx/hack'
import { expect, onTestFinished, test, vi } from 'vitest'
import { migrate } from './migrate.ts'
import { openOperatorStore } from './operator-store.ts'
import { openServerStore } from './server-store.ts'
import { claimKind, draftedRun, profileTables, resolveScope, runOf, tableOf } from './testing/run-fixture.ts'
import { openStores, workerOf } from './testing/store-fixture.ts'

test('the operator hears of every run that changed, once per transaction', async () => {
  const stores = await openStores()
  const heard: string[] = []
  const stop = await stores.operator.listenRuns((uid) => heard.push(uid))
  const request = runOf({})
  await stores.operator.beginRun(request)
  await vi.waitFor(() => expect(heard).toEqual([request.uid]))
  await resolveScope(stores.server, request.uid, [tableOf('a.b', ['c'])])
  await vi.waitFor(() => expect(heard).toEqual([request.uid, request.uid]))
  await stores.operator.setPhase(request.uid, 'Running', false)
  await stores.operator.setDesiredState(request.uid, 'Run')
  await stores.operator.setDesiredState(request.uid, 'Suspend')
  await vi.waitFor(() => expect(heard).toHaveLength(3))
  await stop()
  await stores.operator.setDesiredState(request.uid, 'Run')
  const other = await stores.operator.listenRuns(() => {})
  await other()
  expect(heard).toHaveLength(3)
})

test('a stream of a run hears of its own events alone, and reads on from where it was', async () => {
  const stores = await openStores()
  const request = runOf({})
  await stores.operator.beginRun(request)
  const [started] = await stores.server.readEvents(request.uid, null, 10)
  let calls = 0
  const stop = await stores.server.listenEvents(request.uid, () => {
    calls += 1
  })
  calls = 0
  await draftedRun(stores, [tableOf('x.y', ['z'])])
  expect(calls).toBe(0)
  const line = { time: new Date().toISOString(), level: 'warn', message: 'slow\u0000', facts: { table: 'a.b' } }
  const quiet = { ...line, level: 'info', time: 'no time' }
  await stores.server.recordLogs(workerOf(request.uid, 'profile'), { lines: [line, quiet] })
  await vi.waitFor(() => expect(calls).toBe(1))
  expect(await stores.server.readEvents(request.uid, started?.id ?? null, 10)).toMatchObject([
    { type: 'Log', data: { stage: 'profile', level: 'warn', message: 'slow' } },
  ])
  expect(await stores.query('select level from amx.log_lines order by id')).toEqual([
    { level: 'warn' },
    { level: 'info' },
  ])
  await stop()
})

test('events committed by many at once are read in order without a gap', async () => {
  const stores = await openStores()
  const request = runOf({})
  await stores.operator.beginRun(request)
  const seen: string[] = []
  let reading = true
  const reader = (async () => {
    while (reading || seen.length < 81) {
      const events = await stores.server.readEvents(request.uid, seen.at(-1) ?? null, 1000)
      seen.push(...events.map(({ id }) => id))
    }
  })()
  await Promise.all(
    Array.from({ length: 80 }, (_, index) =>
      stores.server.recordLogs(workerOf(request.uid, 'draft'), {
        lines: [{ time: '', level: 'error', message: String(index), facts: null }],
      }),
    ),
  )
  reading = false
  await reader
  expect(seen).toHaveLength(81)
})

test('after PostgreSQL was away calls say so, and everything goes on by itself when it is back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'amx-store-'))
  let postgres = await startPostgres({ dataDir: folder })
  const { url } = postgres
  await migrate(url)
  const operator = openOperatorStore({ url })
  const server = openServerStore({ url, sweepMs: 200 })
  onTestFinished(async () => {
    await Promise.all([operator.close(), server.close()])
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const request = runOf({})
  await operator.beginRun(request)
  await resolveScope(server, request.uid, [tableOf('a.b', ['c'])])
  await profileTables(server, request.uid)
  const [unit] = await claimKind(server, request.uid, 'draft')
  const heard = new Set<string>()
  await operator.listenRuns((uid) => heard.add(uid))
  const waiting = server.claim(workerOf(request.uid, 'apply'), { capacity: 1, waitMs: 0 })
  expect((await waiting).done).toBe(true)

  await postgres.stop()
  await expect(operator.observeRun(request.uid)).rejects.toMatchObject({ code: 'AMX-9002' })
  await expect(server.ping()).rejects.toMatchObject({ code: 'AMX-9002' })
  const held = { held: [{ id: unit?.id ?? '', attempt: 1 }] }
  await expect(server.heartbeat(workerOf(request.uid, 'draft'), held)).rejects.toMatchObject({ code: 'AMX-9002' })
  heard.clear()
  postgres = await startPostgres({ dataDir: folder, port: Number(new URL(url).port) })

  await vi.waitFor(() => expect(heard).toContain(request.uid), { timeout: 15_000 })
  expect(await server.heartbeat(workerOf(request.uid, 'draft'), held)).toEqual({ lost: [], stop: null })
  const next = server.claim(workerOf(request.uid, 'draft', 'next'), { capacity: 1, waitMs: 20_000 })
  await server.recordResult(workerOf(request.uid, 'draft'), { unitId: unit?.id ?? '', attempt: 1, kind: 'released' })
  expect((await next).units).toMatchObject([{ attempt: 2 }])
})

test('a connection that is cut from the other side is opened again', async () => {
  const stores = await openStores()
  const request = runOf({})
  await stores.operator.beginRun(request)
  const heard: string[] = []
  await stores.operator.listenRuns((uid) => heard.push(uid))
  await stores.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'amx-%'`,
  )
  await vi.waitFor(() => expect(heard).toContain(request.uid), { timeout: 10_000 })
  await vi.waitFor(async () => expect(await stores.operator.observeRun(request.uid)).not.toBeNull())
})

test('before the schema is there the store is unavailable rather than broken', async () => {
  const { url } = await (await import('@amx/hack')).testDatabase()
  const operator = openOperatorStore({ url })
  onTestFinished(() => operator.close())
  await expect(operator.observeRun('x')).rejects.toMatchObject({
    code: 'AMX-9002',
    message: expect.stringContaining('schema is not there yet'),
  })
})
