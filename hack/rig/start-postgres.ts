import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { freePorts, isPortFree } from '../cluster/free-port.ts'
import {
  type Lifetime,
  logTail,
  openProcessGroup,
  type RunningProgram,
  stopRecordedProcesses,
} from '../cluster/process-group.ts'
import { isAlive, readRecords } from '../cluster/process-record.ts'
import { findPostgresPrograms, type PostgresPrograms, reachableDataDir } from './postgres-programs.ts'

/** Where and for how long a PostgreSQL server runs. */
export interface PostgresOptions {
  /** Everything it writes is in this folder. */
  dataDir: string
  /** @default the port of the last time if it is free, else any free one */
  port?: number
  /** `owned`: ends with this process, and trades safety for speed. `detached`: stays, and keeps data over a crash. @default 'owned' */
  lifetime?: Lifetime
  signal?: AbortSignal
}

/** A PostgreSQL server on a loopback port. */
export interface RunningPostgres {
  /** The URL of its superuser, with the password, for the database `postgres`. */
  url: string
  stop(): Promise<void>
}

const superuser = 'postgres'

/**
 * Starts PostgreSQL in a folder, which becomes its data folder the first time (two seconds; later 0.1 s). What an earlier
 * run left running there is ended first. As root it runs as the system's user postgres or nobody; where that user cannot
 * reach the folder, the data is kept below /var/lib/amx instead.
 * Throws with the end of the server's log when it does not start.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const programs = findPostgresPrograms()
  const layout = layoutOf(options.dataDir, programs)
  mkdirSync(layout.dir, { recursive: true, mode: 0o755 })
  const lifetime = options.lifetime ?? 'owned'
  const group = await openProcessGroup(layout.records, lifetime)
  try {
    const password = await initialise(layout, programs, options.signal)
    const port = options.port ?? (await choosePort(layout))
    writeFileSync(layout.port, String(port))
    const program = await group.start({
      name: 'postgres',
      command: programs.postgres,
      args: ['-D', layout.cluster, '-p', String(port), ...settingsOf(lifetime)],
      logPath: layout.log,
      cwd: layout.dir,
      ...(programs.runAs === undefined ? {} : { uid: programs.runAs.uid, gid: programs.runAs.gid }),
    })
    const url = urlOf(password, port)
    await waitUntilAnswering(url, program, layout.log, options.signal)
    return { url, stop: () => group.stop(stopOptions) }
  } catch (error) {
    await group.stop({ graceMs: 0 })
    throw error
  }
}

/** Ends the server of a folder, whoever started it. */
export async function stopPostgres(dataDir: string): Promise<void> {
  const layout = layoutOf(dataDir, findPostgresPrograms())
  await stopRecordedProcesses(layout.records, stopOptions)
}

/** Ends the server of a folder and removes its data, wherever that is kept. */
export async function removePostgres(dataDir: string): Promise<void> {
  await stopPostgres(dataDir)
  rmSync(layoutOf(dataDir, findPostgresPrograms()).dir, { recursive: true, force: true })
}

/** The superuser's URL of the server that runs in a folder; undefined when none runs there. */
export function runningPostgresUrl(dataDir: string): string | undefined {
  const layout = layoutOf(dataDir, findPostgresPrograms())
  if (!readRecords(layout.records).some(isAlive)) return undefined
  return urlOf(readFileSync(layout.password, 'utf8'), Number(readFileSync(layout.port, 'utf8')))
}

// SIGINT is PostgreSQL's fast shutdown: it ends sessions and writes everything out.
const stopOptions = { signal: 'SIGINT', graceMs: 10_000 } as const

interface Layout {
  dir: string
  cluster: string
  password: string
  port: string
  records: string
  log: string
}

function layoutOf(dataDir: string, programs: PostgresPrograms): Layout {
  const dir = reachableDataDir(dataDir, programs.runAs)
  const path = (name: string) => join(dir, name)
  return {
    dir,
    cluster: path('cluster'),
    password: path('password'),
    port: path('port'),
    records: path('postgres.pids'),
    log: path('postgres.log'),
  }
}

function urlOf(password: string, port: number): string {
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`
}

function settingsOf(lifetime: Lifetime): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_preload_libraries: 'pg_stat_statements',
    log_min_messages: 'warning',
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...(lifetime === 'owned' ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** Makes the data folder if there is none, and gives the superuser's password. */
async function initialise(
  layout: Layout,
  programs: PostgresPrograms,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (existsSync(join(layout.cluster, 'PG_VERSION')) && existsSync(layout.password)) {
    return readFileSync(layout.password, 'utf8')
  }
  rmSync(layout.cluster, { recursive: true, force: true })
  if (programs.runAs) chownSync(layout.dir, programs.runAs.uid, programs.runAs.gid)
  const password = randomBytes(16).toString('hex')
  const building = `${layout.cluster}.new`
  rmSync(building, { recursive: true, force: true })
  writeFileSync(layout.password, password, { mode: 0o600 })
  if (programs.runAs) chownSync(layout.password, programs.runAs.uid, programs.runAs.gid)
  // The locale is PostgreSQL's own, so that text sorts the same on every machine.
  const args = [
    `--pgdata=${layout.cluster}`,
    `--username=${superuser}`,
    `--pwfile=${layout.password}`,
    '--auth=password',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
  ]
  await runInitdb(programs, args, layout.dir, signal)
  return password
}

async function runInitdb(
  programs: PostgresPrograms,
  args: string[],
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  let output = ''
  const child = spawn(programs.initdb, args, {
    cwd,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(programs.runAs === undefined ? {} : { uid: programs.runAs.uid, gid: programs.runAs.gid }),
    ...(signal === undefined ? {} : { signal }),
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`initdb failed:\n${output.trim()}`)
}

async function choosePort(layout: Layout): Promise<number> {
  const stored = existsSync(layout.port) ? Number(readFileSync(layout.port, 'utf8')) : 0
  if (stored > 0 && (await isPortFree(stored))) return stored
  const [port = 0] = await freePorts(1)
  return port
}

async function waitUntilAnswering(
  url: string,
  program: RunningProgram,
  logPath: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const until = Date.now() + 60_000
  let ended = false
  program.exited.then(() => {
    ended = true
  })
  while (!ended && Date.now() < until) {
    signal?.throwIfAborted()
    if (await answers(url)) return
    await delay(25)
  }
  throw new Error(`PostgreSQL did not start. The end of ${logPath}:\n${logTail(logPath)}`)
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
