import { randomUUID } from 'node:crypto'
import { type MetadataRun, postgresqlDatabaseKey } from '@amx/api'
import { Client } from 'pg'
import { demoOwner } from '../demo-warehouse/index.ts'
import type { LocalSystem } from '../quickstart/index.ts'
import { workerSummary } from './bench-run.ts'
import type { Figure } from './figures.ts'

const namespace = 'default'

/** Accepts every row of the run and follows it until all is written: how long it takes, and which part of it takes how long. */
export async function benchApply(system: LocalSystem, run: MetadataRun): Promise<Figure[]> {
  const { kubectl } = system
  const name = run.metadata.name ?? ''
  const who = await kubectl.json<{ status: { userInfo: { username: string } } }>(['auth', 'whoami'])
  const startedMs = Date.now()
  await kubectl.apply([
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'ReviewDecision',
      metadata: { name: `${name}-all`, namespace },
      spec: {
        runRef: { name, uid: run.metadata.uid },
        draftDigest: run.status?.draft?.digest,
        reviewer: { username: who.status.userInfo.username },
        filter: { verdict: 'Accept' },
      },
    },
  ])
  await untilSucceeded(system, name, 120_000)
  const seconds = (Date.now() - startedMs) / 1000
  const at = await applyTimes(system, run.metadata.uid ?? '')
  const since = (timeMs: number) => (timeMs - startedMs) / 1000
  const { peakMemoryMiB = Number.NaN } = await workerSummary(kubectl, name, 'apply')
  return [
    { name: 'decision → Succeeded, 540 comments', value: seconds, unit: 's', reach: 2 },
    { name: '  writing alone', value: (at.lastWrittenMs - at.firstBegunMs) / 1000, unit: 's', reach: 0.2 },
    { name: '  decision recorded after', value: since(at.recordedMs), unit: 's', reach: null },
    { name: '  units planned after', value: since(at.plannedMs), unit: 's', reach: null },
    { name: '  worker has its assignment after', value: since(at.workerMs), unit: 's', reach: null },
    { name: '  first table begun after', value: since(at.firstBegunMs), unit: 's', reach: null },
    { name: '  last table written after', value: since(at.lastWrittenMs), unit: 's', reach: null },
    { name: 'apply pod: memory at most, 540 comments', value: peakMemoryMiB, unit: 'MiB', reach: null },
  ]
}

interface ApplyTimes {
  readonly recordedMs: number
  readonly plannedMs: number
  readonly workerMs: number
  readonly firstBegunMs: number
  readonly lastWrittenMs: number
}

/** When what happened, by the clock of the store, which is that of this machine. */
async function applyTimes({ storeUrl }: LocalSystem, runUid: string): Promise<ApplyTimes> {
  const client = new Client({ connectionString: storeUrl })
  await client.connect()
  try {
    const { rows } = await client.query<ApplyTimes>(
      `with applied as (select time, (data ->> 'durationMs')::float8 as ms from amx.events where run_uid = $1 and type = 'TableApplied')
       select extract(epoch from (select max(recorded_at) from amx.decisions where run_uid = $1))::float8 * 1000 as "recordedMs",
         extract(epoch from (select max(time) from amx.events where run_uid = $1 and type = 'ApplyStarted'))::float8 * 1000 as "plannedMs",
         extract(epoch from (select min(time) from amx.log_lines where run_uid = $1 and stage = 'apply'))::float8 * 1000 as "workerMs",
         (select min(extract(epoch from time) * 1000 - ms) from applied)::float8 as "firstBegunMs",
         extract(epoch from (select max(time) from applied))::float8 * 1000 as "lastWrittenMs"`,
      [runUid],
    )
    const [times] = rows
    if (times === undefined) throw new Error('the store told no times')
    return times
  } finally {
    await client.end()
  }
}

async function untilSucceeded({ kubectl }: LocalSystem, name: string, timeoutMs: number): Promise<MetadataRun> {
  const signal = AbortSignal.timeout(timeoutMs)
  for await (const seen of kubectl.watch<MetadataRun>(['get', 'metadatarun', name, '-n', namespace], signal))
    if (seen.status?.phase === 'Succeeded') return seen
    else if (seen.status?.phase === 'Failed' || seen.status?.phase === 'PartiallyApplied')
      throw new Error(`${name}: ${JSON.stringify(seen.status, null, 2)}`)
  throw new Error(`${name} was not written within ${timeoutMs / 1000} s`)
}

const large = { database: 'bench_large', tables: 500, columns: 99 }

/** 50,000 accepted rows of 500 tables, written by a run of type Apply over the queue of their database. */
export async function benchLargeApply(system: LocalSystem): Promise<Figure[]> {
  const { warehouseAdminUrl, settings, kubectl } = system
  const connection = { host: '127.0.0.1', port: settings.ports.warehouse, database: large.database }
  await makeLargeDatabase(warehouseAdminUrl)
  await queueEverything(system.storeUrl, postgresqlDatabaseKey(connection))
  const startedMs = Date.now()
  await kubectl.apply([
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'DatabaseProfile',
      metadata: { name: 'bench-large', namespace },
      spec: {
        backend: 'PostgreSQL',
        postgresql: { ...connection, tls: { mode: 'disable' } },
        readerSecretRef: { name: 'demo-warehouse-reader' },
        writerSecretRef: { name: 'demo-warehouse-writer' },
      },
    },
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'MetadataRun',
      metadata: { name: 'apply-large', namespace },
      spec: { type: 'Apply', targets: [{ databaseProfileRef: { name: 'bench-large' } }] },
    },
  ])
  const run = await untilSucceeded(system, 'apply-large', 300_000)
  const seconds = (Date.now() - startedMs) / 1000
  const rows = large.tables * (large.columns + 1)
  if (run.status?.apply?.applied !== rows) throw new Error(`${run.status?.apply?.applied} of ${rows} rows were written`)
  const summary = await workerSummary(kubectl, 'apply-large', 'apply')
  return [
    { name: '50,000 accepted rows → Succeeded', value: seconds, unit: 's', reach: 60 },
    { name: '  worker alone', value: (summary.durationMs ?? Number.NaN) / 1000, unit: 's', reach: null },
    { name: '  SQL statements', value: summary.statements ?? Number.NaN, unit: 'statements', reach: null },
    {
      name: 'apply pod: memory at most, 50,000 comments',
      value: summary.peakMemoryMiB ?? Number.NaN,
      unit: 'MiB',
      reach: null,
    },
  ]
}

async function makeLargeDatabase(adminUrl: string): Promise<void> {
  const url = new URL(adminUrl)
  await onServer(url.href, (admin) => admin.query(`create database ${large.database} owner ${demoOwner}`))
  url.pathname = `/${large.database}`
  const columns = Array.from({ length: large.columns }, (_, index) => `c${index} int`).join(', ')
  await onServer(url.href, async (admin) => {
    await admin.query(`set role ${demoOwner}; create schema large`)
    for (let table = 0; table < large.tables; table += 1) await admin.query(`create table large.t${table} (${columns})`)
  })
}

/** Every table and column of the large database as a row that a finished run drafted and somebody accepted. */
async function queueEverything(storeUrl: string, databaseKey: string): Promise<void> {
  const uid = randomUUID()
  await onServer(storeUrl, async (store) => {
    await store.query(
      `insert into amx.runs (uid, namespace, name, type, spec_digest, settings, settings_digest, scope_text, phase, finished)
       values ($1, $2, 'large', 'Analyze', '', '{}', '', '', 'Succeeded', true)`,
      [uid, namespace],
    )
    await store.query('insert into amx.progress (run_uid) values ($1)', [uid])
    await store.query(
      `insert into amx.tables (run_uid, target_index, ordinal, path, schema_path, catalog, columns_planned, table_planned, settled)
       select $1, 0, t, 'large.t' || t, 'large', '{"kind": "Table"}', $3, true, true from generate_series(0, $2::integer - 1) as t`,
      [uid, large.tables, large.columns],
    )
    await store.query(
      `with made as (
         insert into amx.assets (run_uid, table_id, target_index, database_key, table_path, path, kind, column_name, ordinal, planned,
           status, review_state)
         select $1, t.id, 0, $2, t.path, concat_ws('.', t.path, 'c' || c), case when c is null then 'Table' else 'Column' end,
           'c' || c, coalesce(c + 1, 0), true, 'Drafted', 'Accepted'
         from amx.tables t, (select null as c union all select generate_series(0, $3::integer - 1)) columns
         where t.run_uid = $1
         returning *
       )
       insert into amx.queue (namespace, database_key, path, table_path, kind, asset_id, run_uid, text, decided_by, decided_at)
       select $4, $2, path, table_path, kind, id, $1, repeat('What ' || path || ' holds, in a sentence or two. ', 3), 'ada', now() from made`,
      [uid, databaseKey, large.columns, namespace],
    )
    await store.query('analyze amx.assets; analyze amx.queue')
  })
}

async function onServer(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
