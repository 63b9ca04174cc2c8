import { AmxError, type ApplyRow, type ApplyRowOutcome } from '@amx/api'
import type { ApplyTableRequest } from '../../warehouse.ts'
import type { ConnectionPool, Session } from '../connection-pool.ts'
import { serverErrorOf, statementError } from '../server-error.ts'
import { type CommentTarget, commentStatement, commentTarget } from './comment-target.ts'
import { failedRow, refusedRow, rowOutcome, type WrittenRow } from './row-outcome.ts'
import { type SendableRow, writeWithFunction } from './write-with-function.ts'
import { writeWithSavepoints } from './write-with-savepoints.ts'

/** Rows of one statement and one transaction. */
const rowsAtOnce = 2000

/**
 * Compares and writes the comments of one table, with one outcome per row in their order. Throws AMX-2001 and AMX-2004 when the
 * connection or the time limit ended it: then nothing of the statement under way was written.
 */
export async function applyTable(
  pool: ConnectionPool,
  database: string,
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
    await pool.withSession(signal, async (session) => {
      for (let start = 0; start < sendable.length; start += rowsAtOnce) {
        const slice = sendable.slice(start, start + rowsAtOnce)
        const written = await applySlice(session, slice, request, { target: pool.target, database }, signal)
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

async function applySlice(
  session: Session,
  slice: readonly SendableRow[],
  request: ApplyTableRequest,
  place: { readonly target: string; readonly database: string },
  signal: AbortSignal,
): Promise<readonly ApplyRowOutcome[]> {
  const statementOf = (target: CommentTarget) => commentStatement(target, place.database)
  try {
    const written = await write(session, slice, request, place.database, signal)
    return slice.flatMap(({ row, target }, index) => {
      const answer = written[index]
      const context = { target: place.target, statement: statementOf(target) }
      return answer === undefined ? [] : [rowOutcome(row, answer, context)]
    })
  } catch (thrown) {
    if (signal.aborted) throw signal.reason
    const server = serverErrorOf(thrown)
    // A standby refuses the statement as a whole; each row is told so, and none is lost to an exception.
    if (server === null || /^(08|57)/.test(server.sqlState)) {
      throw statementError(thrown, request.tablePath, place.target)
    }
    return slice.map(({ row, target }) =>
      failedRow(row, server, { target: place.target, statement: statementOf(target) }),
    )
  }
}

async function write(
  session: Session,
  slice: readonly SendableRow[],
  request: ApplyTableRequest,
  database: string,
  signal: AbortSignal,
): Promise<readonly WrittenRow[]> {
  if (!session.prepared.has(functionRefused)) {
    try {
      return await writeWithFunction(session, slice, request, signal)
    } catch (thrown) {
      if (!cannotHaveFunction(thrown)) throw thrown
      session.prepared.add(functionRefused)
    }
  }
  return writeWithSavepoints(session, slice, request, database, signal)
}

const functionRefused = 'amx_write_comments refused'

/** No TEMP right, no PL/pgSQL, or a server that knows no temporary functions. */
function cannotHaveFunction(thrown: unknown): boolean {
  const state = serverErrorOf(thrown)?.sqlState
  return state !== undefined && ['42501', '42704', '42883', '3F000', '0A000'].includes(state)
}

/** What a row is about, or why it cannot be sent. */
function readRow(row: ApplyRow): CommentTarget | AmxError {
  try {
    const target = commentTarget(row)
    const texts = [row.text, row.expected ?? '', row.path]
    if (texts.some((text) => text.includes('\0') || !text.isWellFormed())) {
      return new AmxError('AMX-2099', {
        asset: row.path,
        detail: 'the text holds a NUL or half a surrogate pair, which PostgreSQL cannot store',
      })
    }
    return target
  } catch (thrown) {
    if (thrown instanceof AmxError) return thrown
    throw thrown
  }
}
