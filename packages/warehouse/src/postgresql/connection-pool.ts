import type { AmxError } from '@amx/api'
import pg from 'pg'
import type { OpenPostgresqlOptions } from '../warehouse.ts'
import { cancelRequest } from './cancel-request.ts'
import { connectError, serverErrorOf } from './server-error.ts'
import { tlsOptions } from './tls-options.ts'

/** Rows as arrays of text: every value stays exactly as the server wrote it. */
export type TextRow = readonly (string | null)[]

/** One statement; the values are bound, never spliced. */
export interface Statement {
  readonly text: string
  readonly values?: readonly unknown[]
}

/** One connection lent for the time of a callback. */
export interface Session {
  /** Sends one statement. Throws the driver's error, or the signal's reason when that ended it. */
  query(statement: Statement, signal: AbortSignal): Promise<readonly TextRow[]>
  /** What was set up on this connection before, by name. */
  readonly prepared: Set<string>
}

/** A bounded set of connections that counts what is sent and can cancel it. */
export interface ConnectionPool {
  readonly target: string
  readonly serverVersion: string
  statements(): number
  /** Lends one connection; a connection that broke or could not be cancelled is not used again. */
  withSession<Result>(signal: AbortSignal, use: (session: Session) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

const textTypes = { getTypeParser: () => (value: string) => value }

/** How long a statement waits for a lock unless told otherwise. */
export const defaultLockTimeoutMs = 3000

export const defaultStatementTimeoutMs = 120_000

/** Time beyond the server's own limit after which a connection that says nothing is taken for dead. */
const silenceMs = 5000

/** How long a cancelled statement may take to come back before its connection is given up. */
const cancelGraceMs = 1000

interface Connected {
  readonly client: pg.Client
  readonly prepared: Set<string>
  broken: boolean
}

/** Opens the first connection, so that wrong credentials show at once, and more when they are needed. Throws AMX-2001, 2002, 2006, 2007, 2013. */
export async function openConnectionPool(options: OpenPostgresqlOptions, signal: AbortSignal): Promise<ConnectionPool> {
  const { connection } = options
  const target = `postgresql://${connection.host}:${connection.port}/${connection.database}`
  const tls = tlsOptions(connection, options.credentials.ca)
  const limit = Math.max(1, options.connections ?? 4)
  const idle: Connected[] = []
  const waiting: (() => void)[] = []
  const all = new Set<Connected>()
  let opened = 0
  let sent = 0
  let closed = false
  let serverVersion = ''

  /** Poolers refuse settings in the start-up message: then they are sent as one statement on each connection. */
  let settingsByStatement = false

  async function connect(abort: AbortSignal): Promise<Connected> {
    abort.throwIfAborted()
    const connected = await tryConnect(abort).catch((thrown: unknown) => {
      const refused = serverErrorOf(thrown)
      if (refused?.sqlState !== '08P01' || settingsByStatement) throw thrown
      settingsByStatement = true
      return tryConnect(abort)
    })
    all.add(connected)
    return connected
  }

  async function tryConnect(abort: AbortSignal): Promise<Connected> {
    const settings = sessionSettings(options)
    const client = new pg.Client({
      host: connection.host,
      port: connection.port,
      database: connection.database,
      user: options.credentials.username,
      password: options.credentials.password,
      ssl: tls,
      application_name: options.applicationName ?? 'amx',
      connectionTimeoutMillis: options.connectTimeoutMs ?? 15_000,
      keepAlive: true,
      types: textTypes,
      ...(settingsByStatement ? {} : { options: startupOptions(settings) }),
    })
    const connected: Connected = { client, prepared: new Set(), broken: false }
    client.on('error', () => {
      connected.broken = true
    })
    wireOf(client).on('parameterStatus', (message: { parameterName: string; parameterValue: string }) => {
      if (message.parameterName === 'server_version') serverVersion = message.parameterValue
    })
    // A destroyed socket makes `connect` reject; `end` would wait for a server that does not answer.
    const stop = () => destroy(client)
    abort.addEventListener('abort', stop, { once: true })
    try {
      await client.connect()
      if (settingsByStatement) {
        sent += 1
        const list = settings.map(([name, value]) => `pg_catalog.set_config('${name}', '${value}', false)`)
        await client.query(`SELECT ${list.join(', ')}`)
      }
    } catch (thrown) {
      stop()
      throw abort.aborted ? abort.reason : thrown
    } finally {
      abort.removeEventListener('abort', stop)
    }
    return connected
  }

  async function acquire(abort: AbortSignal): Promise<Connected> {
    for (;;) {
      abort.throwIfAborted()
      if (closed) throw new Error('the warehouse is closed')
      const free = idle.pop()
      if (free !== undefined) {
        if (!free.broken) return free
        discard(free)
        continue
      }
      if (opened < limit) {
        opened += 1
        try {
          return await connect(abort)
        } catch (thrown) {
          opened -= 1
          waiting.shift()?.()
          throw thrown
        }
      }
      await turn(abort)
    }
  }

  /** Resolves when a connection was given back or the signal fired; the caller looks again. */
  function turn(abort: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        abort.removeEventListener('abort', wake)
        const place = waiting.indexOf(wake)
        if (place !== -1) waiting.splice(place, 1)
        resolve()
      }
      waiting.push(wake)
      abort.addEventListener('abort', wake, { once: true })
    })
  }

  function release(connected: Connected): void {
    if (connected.broken || closed) discard(connected)
    else idle.push(connected)
    waiting[0]?.()
  }

  function discard(connected: Connected): void {
    if (!all.delete(connected)) return
    opened -= 1
    if (connected.broken) destroy(connected.client)
    else void connected.client.end().catch(() => undefined)
  }

  async function query(connected: Connected, statement: Statement, abort: AbortSignal): Promise<readonly TextRow[]> {
    abort.throwIfAborted()
    sent += 1
    const running = connected.client.query<(string | null)[]>({
      text: statement.text,
      ...(statement.values === undefined ? {} : { values: [...statement.values] }),
      rowMode: 'array',
    })
    let cancelling: Promise<void> | undefined
    const cancel = () => {
      cancelling = stopStatement(connected, running)
    }
    abort.addEventListener('abort', cancel, { once: true })
    const silent = silenceTimer(connected)
    try {
      return (await running).rows
    } catch (thrown) {
      if (serverErrorOf(thrown) === null || serverErrorOf(thrown)?.sqlState.startsWith('57P')) connected.broken = true
      throw abort.aborted ? abort.reason : thrown
    } finally {
      clearTimeout(silent)
      abort.removeEventListener('abort', cancel)
      // A late cancel must not hit the next statement on this connection.
      await cancelling
    }
  }

  /** The server ends a statement at its limit; when not even that arrives, the network has swallowed the connection. */
  function silenceTimer(connected: Connected): NodeJS.Timeout | undefined {
    const limitMs = options.statementTimeoutMs ?? defaultStatementTimeoutMs
    if (limitMs <= 0) return undefined
    return setTimeout(() => {
      connected.broken = true
      destroy(connected.client)
    }, limitMs + silenceMs)
  }

  /** Asks the server to stop the statement; gives the connection up when it does not answer. */
  async function stopStatement(connected: Connected, running: Promise<unknown>): Promise<void> {
    const { processID, secretKey } = connected.client as unknown as { processID: number; secretKey: number }
    const grace = new AbortController()
    const settled = running.then(
      () => grace.abort(),
      () => grace.abort(),
    )
    const giveUp = setTimeout(() => {
      connected.broken = true
      grace.abort()
      destroy(connected.client)
    }, cancelGraceMs)
    await cancelRequest({ ...connection, tls, processId: processID, secretKey }, grace.signal).catch(() => undefined)
    await settled
    clearTimeout(giveUp)
  }

  const first = await acquire(signal).catch((thrown: unknown) => {
    throw signal.aborted ? signal.reason : connectFault(thrown)
  })
  if (options.openConnections === 'AtOnce') {
    // One that fails here is opened again, and told of, when it is needed.
    for (let more = 1; more < limit; more += 1) void acquire(signal).then(release, () => undefined)
  }
  release(first)

  function connectFault(thrown: unknown): AmxError {
    return connectError(thrown, target)
  }

  return {
    target,
    get serverVersion() {
      return serverVersion
    },
    statements: () => sent,
    async withSession(abort, use) {
      const connected = await acquire(abort).catch((thrown: unknown) => {
        throw abort.aborted ? abort.reason : connectFault(thrown)
      })
      try {
        return await use({
          prepared: connected.prepared,
          query: (statement, queryAbort) => query(connected, statement, queryAbort),
        })
      } finally {
        release(connected)
      }
    },
    async close() {
      closed = true
      for (const wake of [...waiting]) wake()
      const ending = [...all].map((connected) => connected.client.end().catch(() => undefined))
      all.clear()
      idle.length = 0
      await Promise.all(ending)
    },
  }
}

/** Settings of every session: time limits, and one way to write values whatever the server's defaults are. */
function sessionSettings(options: OpenPostgresqlOptions): readonly (readonly [name: string, value: string])[] {
  return [
    ['statement_timeout', String(options.statementTimeoutMs ?? defaultStatementTimeoutMs)],
    ['lock_timeout', String(options.lockTimeoutMs ?? defaultLockTimeoutMs)],
    ['idle_in_transaction_session_timeout', '60000'],
    ['DateStyle', 'ISO'],
    ['IntervalStyle', 'postgres'],
    ['TimeZone', 'UTC'],
    ['bytea_output', 'hex'],
    ['extra_float_digits', '1'],
    ['standard_conforming_strings', 'on'],
    ['jit', 'off'],
  ]
}

function startupOptions(settings: readonly (readonly [string, string])[]): string {
  return settings.map(([name, value]) => `-c ${name}=${value}`).join(' ')
}

/** The driver's own protocol connection: the only place that tells the server's version and takes a hard close. */
function wireOf(client: pg.Client): NodeJS.EventEmitter & { readonly stream: { destroy(): void } } {
  return (client as unknown as { connection: NodeJS.EventEmitter & { stream: { destroy(): void } } }).connection
}

function destroy(client: pg.Client): void {
  wireOf(client).stream.destroy()
}
