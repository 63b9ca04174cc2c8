import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { callApiServer, type RunningPostgres, rigKubeConfigPath, startPostgres, testNamespace } from '@amx/hack'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OperatorStore } from '../contract.ts'
import { migrate } from '../migrate.ts'
import { openOperatorStore } from '../operator-store.ts'
import { httpProxy, postgresProxy } from '../testing/fault-proxy.ts'
import { runOf } from '../testing/run-fixture.ts'

// The worker as a process, killed with its answer still on the way: the statement is carried out, the message is taken, and the
// program that asked for it is gone. The server is a process as well, under the real API server; a row that is written twice
// shows in the log of an event trigger of the warehouse.

const faults = 30
/** Tables that wait when a worker starts: more than it writes before it dies, at 32 tables to a message. */
const tablesInWait = { statement: 100, message: 1_000 }

const folder = mkdtempSync(join(tmpdir(), 'amx-apply-crash-'))
const started: ChildProcess[] = []
let postgres: RunningPostgres
let store: pg.Pool
let namespace: string
let serverUrl: string

beforeAll(async () => {
  const [running, made] = await Promise.all([
    startPostgres({ dataDir: join(folder, 'postgres') }),
    testNamespace({ prefix: 'apply-crash' }),
  ])
  postgres = running
  namespace = made
  await migrate(postgres.url)
  store = new pg.Pool({ connectionString: postgres.url, max: 4 })
  store.on('error', () => undefined)
  serverUrl = await startServer()
})

afterAll(async () => {
  for (const child of started) child.kill('SIGKILL')
  await store?.end()
  await postgres?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function startServer(): Promise<string> {
  const path = fileURLToPath(new URL('../../../../dashboard/server/src/main.ts', import.meta.url))
  const child = spawn(process.execPath, [path], {
    env: {
      PATH: process.env['PATH'],
      KUBECONFIG: rigKubeConfigPath(),
      AMX_STORE_URL: postgres.url,
      AMX_LISTEN: '127.0.0.1:0',
      AMX_HEALTH_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { msg: string; url?: string }
    if (said.msg === 'listening') {
      child.stdout.resume()
      return said.url ?? ''
    }
  }
  throw new Error('the server ended before it listened')
}

/** The way of a worker to its warehouse and to the server, with something in it that ends the worker. */
interface Lane {
  readonly waiting: number
  readonly warehouse: pg.Pool
  readonly databaseKey: string
  readonly postgresql: {
    readonly host: string
    readonly port: number
    readonly database: string
    readonly tlsMode: 'disable'
  }
  readonly workerServerUrl: string
  /** Ends the worker after so many answers from now on. */
  strikeAfter(answers: number, strike: () => void): void
  close(): Promise<void>
}

async function openLane(kind: keyof typeof tablesInWait): Promise<Lane> {
  const name = `warehouse_${kind}`
  await store.query(`create database ${name}`)
  const url = new URL(postgres.url)
  url.pathname = `/${name}`
  const warehouse = new pg.Pool({ connectionString: url.href, max: 2 })
  warehouse.on('error', () => undefined)
  await warehouse.query(`create table written (path text not null);
    create function log_comment() returns event_trigger language plpgsql as $$ begin
      insert into public.written select object_identity from pg_event_trigger_ddl_commands(); end $$;
    create event trigger log_comment on ddl_command_end when tag in ('COMMENT') execute function log_comment()`)
  let left = 0
  let strike: (() => void) | null = null
  const hear = (): 'Forward' | 'Lose' => {
    if (strike === null) return 'Forward'
    left -= 1
    if (left > 0) return 'Forward'
    strike()
    return 'Lose'
  }
  const database = await postgresProxy(Number(url.port), kind === 'statement' ? hear : () => 'Forward')
  const server = await httpProxy(serverUrl, kind === 'message' ? hear : () => 'Forward')
  return {
    waiting: tablesInWait[kind],
    warehouse,
    databaseKey: name,
    postgresql: { host: '127.0.0.1', port: database.port, database: name, tlsMode: 'disable' },
    workerServerUrl: `http://127.0.0.1:${server.port}`,
    strikeAfter(answers, then) {
      left = answers
      strike = Number.isFinite(answers) ? then : null
    },
    async close() {
      await warehouse.end()
      await Promise.all([database.close(), server.close()])
    },
  }
}

/** Makes tables in the warehouse, with the comments of each and its column accepted and a unit that writes them. */
async function planTables(lane: Lane, uid: string, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index)
  await lane.warehouse.query(numbers.map((table) => `create table t${table} (a int);`).join(' '))
  await store.query(
    `with made as (
       insert into amx.assets (run_uid, target_index, database_key, table_path, path, kind, column_name, ordinal, planned, status, review_state)
       select $1, 0, $2, 'public.t' || t, 'public.t' || t || suffix, kind, nullif(suffix, ''), 1, true, 'Drafted', 'Accepted'
       from generate_series($3::integer, $4::integer - 1) t, (values ('', 'Table'), ('.a', 'Column')) as k (suffix, kind)
       returning *
     )
     insert into amx.queue (namespace, database_key, path, table_path, kind, asset_id, run_uid, text, decided_by, decided_at)
     select $5, $2, path, table_path, kind, id, $1, 'About ' || path, 'ada', now() from made`,
    [uid, lane.databaseKey, from, to, namespace],
  )
}

/** Sees to it that enough tables wait to be written; gives how many there are by now. */
async function topUp(lane: Lane, operator: OperatorStore, uid: string, tables: number): Promise<number> {
  const { rows } = await store.query<{ open: number }>(
    `select count(*)::integer as open from amx.units where run_uid = $1 and stage = 'apply' and state <> 'done'`,
    [uid],
  )
  const missing = lane.waiting - (rows[0]?.open ?? 0)
  if (missing <= 0) return tables
  await planTables(lane, uid, tables, tables + missing)
  expect(await operator.planApply(uid)).toEqual({ rows: missing * 2, units: missing })
  return tables + missing
}

async function create(path: string, body: object) {
  const answer = await callApiServer(rigKubeConfigPath(), 'POST', path, body)
  if (answer.status >= 300) throw new Error(`${path}: ${answer.body}`)
  return JSON.parse(answer.body) as { metadata: { name: string; uid: string }; status?: { token?: string } }
}

type Made = Awaited<ReturnType<typeof create>>

const owned = (apiVersion: string, kind: string, { metadata: { name, uid } }: Made) => [
  { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: false },
]

/** A run with its Job, as the operator leaves them, and a way to start one pod of it after the other. */
async function applyRun(lane: Lane) {
  const name = `crash-${randomUUID().slice(0, 8)}`
  const run = await create(`/apis/amx.dev/v1alpha1/namespaces/${namespace}/metadataruns`, {
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'MetadataRun',
    metadata: { name },
    spec: {
      type: 'Apply',
      source: { runRef: { name: 'source' } },
    },
  })
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'worker', image: 'amx.dev/worker:dev' }] } }
  const job = await create(`/apis/batch/v1/namespaces/${namespace}/jobs`, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      labels: { 'amx.dev/run-uid': run.metadata.uid, 'amx.dev/stage': 'apply' },
      ownerReferences: owned('amx.dev/v1alpha1', 'MetadataRun', run),
    },
    // Else the Job controller would let go of pods that it did not make.
    spec: { suspend: true, managedBy: 'amx.dev/test', template },
  })
  return {
    uid: run.metadata.uid,
    async startPod() {
      const pod = await create(`/api/v1/namespaces/${namespace}/pods`, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { generateName: `${name}-`, ownerReferences: owned('batch/v1', 'Job', job) },
        spec: template.spec,
      })
      const token = await create(`/api/v1/namespaces/${namespace}/serviceaccounts/default/token`, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          audiences: ['amx-server'],
          expirationSeconds: 600,
          boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: pod.metadata.name, uid: pod.metadata.uid },
        },
      })
      return startWorker(lane, pod.metadata.name, token.status?.token ?? '')
    },
  }
}

/** The program of a pod, with what the kubelet gives it. */
function startWorker(lane: Lane, podName: string, token: string) {
  const home = join(folder, podName)
  mkdirSync(join(home, '0'), { recursive: true })
  const { username, password } = new URL(postgres.url)
  writeFileSync(join(home, 'token'), token)
  writeFileSync(join(home, '0', 'username'), username)
  writeFileSync(join(home, '0', 'password'), decodeURIComponent(password))
  const path = fileURLToPath(new URL('../../../../worker/src/main.ts', import.meta.url))
  const child = spawn(process.execPath, [path, 'apply'], {
    env: {
      PATH: process.env['PATH'],
      AMX_SERVER_URL: lane.workerServerUrl,
      AMX_TOKEN_FILE: join(home, 'token'),
      AMX_CREDENTIALS_DIR: home,
      POD_NAME: podName,
      TERMINATION_MESSAGE_PATH: join(home, 'last-words'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  const log = text(child.stdout)
  const ended = new Promise<string>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? String(code))))
  return { podName, ended, log, kill: () => child.kill('SIGKILL') }
}

/** 1, n, 2, n - 1, …: a worker that dies early is followed by one that gets on, as a unit is not tried more than four times. */
function alternating(count: number): number[] {
  return Array.from({ length: count }, (_, index) => (index % 2 === 0 ? index / 2 + 1 : count - (index - 1) / 2))
}

/** Lets one worker after the other die, each after another number of answers; the last one finishes. */
async function applyThroughFaults(kind: keyof typeof tablesInWait) {
  const lane = await openLane(kind)
  const operator = openOperatorStore({ url: postgres.url, poolSize: 2 })
  try {
    const run = await applyRun(lane)
    await operator.beginRun(
      runOf({ uid: run.uid, namespace, target: { databaseKey: lane.databaseKey, postgresql: lane.postgresql } }),
    )
    let tables = 0
    for (const after of [...alternating(faults), Number.POSITIVE_INFINITY]) {
      if (Number.isFinite(after)) tables = await topUp(lane, operator, run.uid, tables)
      const pod = await run.startPod()
      lane.strikeAfter(after, pod.kill)
      const ended = await pod.ended
      expect(ended, `${kind} ${after}: ${await pod.log}`).toBe(Number.isFinite(after) ? 'SIGKILL' : '0')
      // As the operator does for a pod that is gone.
      await operator.releaseUnits(run.uid, 'apply', pod.podName)
    }
    const written = await lane.warehouse.query<{ times: number }>(
      'select path, count(*)::int as times from written group by path',
    )
    const audit = await store.query<{ outcome: string | null; old_text: string | null }>(
      'select outcome, old_text from amx.applied_changes where run_uid = $1',
      [run.uid],
    )
    const queue = await store.query('select path, state, error from amx.queue where run_uid = $1', [run.uid])
    const comments = await lane.warehouse.query<{ about: string }>(
      `select description as about from pg_description d join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass
       where c.relnamespace = 'public'::regnamespace`,
    )
    return {
      tables,
      writtenOnce: written.rows.filter(({ times }) => times === 1).length,
      writtenAgain: written.rows.filter(({ times }) => times > 1),
      auditedAsWritten: audit.rows.filter(({ outcome, old_text }) => outcome === 'Applied' && old_text === null).length,
      audited: audit.rows.length,
      queue: queue.rows,
      inPlace: comments.rows.filter(({ about }) => about.startsWith('About ')).length,
    }
  } finally {
    await operator.close()
    await lane.close()
  }
}

test(`workers killed after any of their first ${faults} statements and messages: every row is written once and audited once`, {
  timeout: 300_000,
}, async () => {
  const found = await Promise.all([applyThroughFaults('statement'), applyThroughFaults('message')])
  const clean = ({ tables }: { readonly tables: number }) => ({
    tables,
    writtenOnce: tables * 2,
    writtenAgain: [],
    auditedAsWritten: tables * 2,
    audited: tables * 2,
    queue: [],
    inPlace: tables * 2,
  })
  expect(found).toEqual(found.map(clean))
  for (const { tables } of found) expect(tables).toBeGreaterThan(faults)
})
