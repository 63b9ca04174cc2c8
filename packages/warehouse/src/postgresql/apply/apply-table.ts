import { AmxError, type ApplyRow, type ApplyRowOutcome, catalogue } from '@amx/api'
import type { ApplyTableRequest } from '../../warehouse.ts'
import type { ConnectionPool, Session } from '../connection-pool.ts'
import { type ServerError, serverErrorOf, statementError } from '../server-error.ts'
import { type CommentTarget, commentStatement, commentTarget } from './comment-target.ts'
import { type FaultFacts, factsKey, readFaultFacts } from './fault-facts.ts'
import { refusedRow, rowOutcome, type WrittenRow } from './row-outcome.ts'
import { writeFault } from './write-fault.ts'
import { type SendableRow, type WriteOptions, writeWithFunction } from './write-with-function.ts'
import { writeWithSavepoints } from './write-with-savepoints.ts'

/** Rows of one statement and one transaction: its lock is held for a fraction of a second. */
const rowsAtOnce = 2000

/** Objects whose faults are explained with their owner and the sessions in their way; a unit has one. */
const explainedAtMost = 20

/** Where rows are written. */
interface Place {
  readonly target: string
  readonly database: string
}

/** How long rows may take. */
interface WriteLimits {
  /** For how long the rows of a table wait for its lock together. */
  readonly lockWaitMs: number
  /** After which the server ends a statement. */
  readonly statementTimeoutMs: number
}

/**
 * Compares and writes the comments of one table, with one outcome per row in their order. Throws a catalogue error that can be retried when the connection, a time limit or the server ended
 * it: then nothing of the statement under way was written.
 */
export async function applyTable(
  pool: ConnectionPool,
  database: string,
  limits: WriteLimits,
  request: ApplyTableRequest,
  signal: AbortSignal,
): Promise<readonly ApplyRowOutcome[]> {
  const outcomes = new Map<ApplyRow, ApplyRowOutcome>()
  const sendable: SendableRow[] = []
  for (const row of request.rows) {
    const read = readRow(row)
    if (read instanceof AmxError) outcomes.set(row, refusedRow(row, read))
    else sendable.push({ row, target: read })
  }
  if (sendable.length > 0) {
    const place = { target: pool.target, database }
    const options = { ...request, ...limits }
    await pool.withSession(signal, async (lent) => {
      const session = watched(lent, request.onStatement)
      for (let start = 0; start < sendable.length; start += rowsAtOnce) {
        const slice = sendable.slice(start, start + rowsAtOnce)
        const written = await applySlice(session, slice, options, place, signal)
        slice.forEach(({ row }, index) => {
          const outcome = written[index]
          if (outcome !== undefined) outcomes.set(row, outcome)
        })
      }
    })
  }
  return request.rows.map((row) => {
    const outcome = outcomes.get(row)
    if (outcome === undefined) throw new AmxError('AMX-9001', { detail: `no outcome came back for ${row.path}` })
    return outcome
  })
}

interface WatchedSession extends Session {
  /** How long the last statement has run. */
  lastedMs(): number
}

function watched(session: Session, onStatement: ApplyTableRequest['onStatement']): WatchedSession {
  let begunMs = performance.now()
  return {
    prepared: session.prepared,
    lastedMs: () => performance.now() - begunMs,
    query(statement, signal) {
      onStatement?.()
      begunMs = performance.now()
      return session.query(statement, signal)
    },
  }
}

async function applySlice(
  session: WatchedSession,
  slice: readonly SendableRow[],
  options: WriteLimits & ApplyTableRequest,
  place: Place,
  signal: AbortSignal,
): Promise<readonly ApplyRowOutcome[]> {
  const written = await write(session, slice, options, place.database, signal).catch((thrown: unknown) => {
    if (signal.aborted) throw signal.reason
    const server = serverErrorOf(thrown)
    const tookItsTime = options.statementTimeoutMs > 0 && session.lastedMs() >= options.statementTimeoutMs
    const codeOf = (fault: ServerError) => writeFault({ ...fault, tookItsTime })
    // A standby refuses the statement as a whole; each row is told so, and none is lost to an exception. What passes by itself
    // is tried again as a whole.
    if (server === null || catalogue[codeOf(server)].retry === 'Retry') {
      throw statementError(thrown, { asset: options.tablePath, target: place.target, codeOf })
    }
    return slice.map(() => ({ outcome: 'Failed', oldText: null, ...server }))
  })
  const facts = await explain(session, slice, written, place.database, signal)
  return slice.flatMap(({ row, target }, index) => {
    const answer = written[index]
    const statement = commentStatement(target, place.database)
    const context = { target: place.target, statement, facts: facts.get(factsKey(target)) ?? null }
    return answer === undefined ? [] : [rowOutcome(row, answer, context)]
  })
}

/** What the remedies of the rows that failed name, by object. Nothing was lost when the server does not tell. */
async function explain(
  session: Session,
  slice: readonly SendableRow[],
  written: readonly WrittenRow[],
  database: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FaultFacts>> {
  const known = new Map<string, FaultFacts>()
  const failed = slice.filter((_, index) => {
    const { sqlState = null, message = null, routine = null, outcome } = written[index] ?? {}
    if (sqlState === null) return false
    if (outcome === 'FailedWithin') return true
    return explained.has(writeFault({ sqlState, message: message ?? '', routine, tookItsTime: false }))
  })
  for (const { target } of failed) {
    const key = factsKey(target)
    if (known.has(key)) continue
    if (known.size >= explainedAtMost) break
    const facts = await readFaultFacts(session, target, database, signal).catch(() => null)
    if (facts === null) break
    known.set(key, facts)
  }
  return known
}

/** Codes whose remedies name the role, the owner, the sessions in the way or the encoding. */
const explained: ReadonlySet<string> = new Set(['AMX-2008', 'AMX-2030', 'AMX-2032', 'AMX-2037'])

async function write(
  session: Session,
  slice: readonly SendableRow[],
  options: WriteOptions,
  database: string,
  signal: AbortSignal,
): Promise<readonly WrittenRow[]> {
  if (!session.prepared.has(functionRefused)) {
    try {
      return await writeWithFunction(session, slice, options, signal)
    } catch (thrown) {
      if (cannotHaveFunction(thrown)) session.prepared.add(functionRefused)
      else if (!cannotReadText(thrown)) throw thrown
    }
  }
  return writeWithSavepoints(session, slice, options, database, signal)
}

const functionRefused = 'amx_write_comments refused'

/** No TEMP right, no PL/pgSQL, or a server that knows no temporary functions. */
function cannotHaveFunction(thrown: unknown): boolean {
  const state = serverErrorOf(thrown)?.sqlState
  return state !== undefined && ['42501', '42704', '42883', '3F000', '0A000'].includes(state)
}

/** The rows go to the function as one text: where the server's encoding cannot hold one of them, each goes alone. */
function cannotReadText(thrown: unknown): boolean {
  const state = serverErrorOf(thrown)?.sqlState
  return state === '22P05' || state === '22021'
}

/** What a row is about, or why it cannot be sent. */
function readRow(row: ApplyRow): CommentTarget | AmxError {
  try {
    const target = commentTarget(row)
    const texts = [row.text, row.expected ?? '', row.path]
    if (texts.some((text) => text.includes('\0') || !text.isWellFormed())) {
      return new AmxError('AMX-2036', { asset: row.path })
    }
    return target
  } catch (thrown) {
    if (thrown instanceof AmxError) return thrown
    throw thrown
  }
}
