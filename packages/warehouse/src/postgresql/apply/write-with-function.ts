import type { ApplyRow } from '@amx/api'
import type { ApplyTableRequest } from '../../warehouse.ts'
import type { Session } from '../connection-pool.ts'
import { serverErrorOf } from '../server-error.ts'
import type { CommentTarget } from './comment-target.ts'
import type { WrittenRow } from './row-outcome.ts'
import { callWriteComments, writeCommentsFunction } from './write-comments-function.ts'

/** A row that can be sent, with what it is about. */
export interface SendableRow {
  readonly row: ApplyRow
  readonly target: CommentTarget
}

/** How rows are written. */
export interface WriteOptions extends Pick<ApplyTableRequest, 'onDrift' | 'dryRun'> {
  /** How long the rows of one table may wait for a lock. */
  readonly lockWaitMs: number
}

/** Writes rows in one statement and one transaction; one answer per row, in their order. */
export async function writeWithFunction(
  session: Session,
  rows: readonly SendableRow[],
  options: WriteOptions,
  signal: AbortSignal,
): Promise<readonly WrittenRow[]> {
  const json = JSON.stringify(
    rows.map(({ row, target }) => ({
      kind: target.kind,
      schema: target.schema,
      relation: target.relation,
      column: target.column,
      text: row.text,
      expected: row.expected,
      intended: row.intended,
    })),
  )
  const call = { text: callWriteComments, values: [json, options.onDrift, options.dryRun, options.lockWaitMs] }
  await prepareFunction(session, signal)
  const answers = await session.query(call, signal).catch(async (thrown: unknown) => {
    // A pooler may have given this session another server connection, which has never seen the function.
    const state = serverErrorOf(thrown)?.sqlState
    if (state !== '42883' && state !== '3F000') throw thrown
    session.prepared.delete(functionName)
    await prepareFunction(session, signal)
    return session.query(call, signal)
  })
  return answers.map(([, outcome, oldText, sqlState, message]) => ({
    outcome: outcome ?? '',
    oldText: oldText ?? null,
    sqlState: sqlState ?? null,
    message: message ?? null,
    routine: null,
  }))
}

const functionName = 'amx_write_comments'

async function prepareFunction(session: Session, signal: AbortSignal): Promise<void> {
  if (session.prepared.has(functionName)) return
  await session.query({ text: writeCommentsFunction }, signal)
  session.prepared.add(functionName)
}
