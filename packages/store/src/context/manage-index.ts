import type { ContextAssignment, ContextSkipped, ErrorReport } from '@amx/api'
import { type Database, oneRow, type Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import type { BeginContextIndexRequest, ContextIndexView, ContextObservation, IndexerIdentity } from './contract.ts'

/** Attempts kept per source for whoever looks back. */
const keptAttempts = 20

interface AttemptRow {
  readonly number: number
  readonly state: ContextIndexView['state']
  readonly spec_digest: string
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly error: ErrorReport | null
}

interface CurrentRow {
  readonly revision: string
  readonly spec_digest: string
  readonly documents: number
  readonly chunks: number
  readonly skipped: readonly ContextSkipped[]
  readonly checked_at: Date
}

/** What the operator decides from, in two statements. */
export async function observeContextSource(
  database: Database,
  uid: string,
  signal?: AbortSignal,
): Promise<ContextObservation> {
  signal?.throwIfAborted()
  const attempts = await database.rows<AttemptRow>(
    `select number, state, spec_digest, started_at, ended_at, error
     from amx.context_indexes where source_uid = $1 order by number desc limit $2`,
    [uid, keptAttempts],
  )
  const [current] = await database.rows<CurrentRow>(
    `select i.revision, i.spec_digest, i.documents, i.chunks, i.skipped,
       (select max(ended_at) from amx.context_indexes a
        where a.source_uid = s.uid and a.state in ('Finished', 'Unchanged')) as checked_at
     from amx.context_sources s join amx.context_indexes i on i.id = s.current_index where s.uid = $1`,
    [uid],
  )
  const { now } = await oneRow<{ now: Date }>(database, 'select now() as now')
  const [newest] = attempts
  const sinceSuccess = attempts.findIndex(({ state }) => state === 'Finished' || state === 'Unchanged')
  const recent = sinceSuccess === -1 ? attempts : attempts.slice(0, sinceSuccess)
  const failures = recent.filter(({ state, spec_digest }) => state === 'Failed' && spec_digest === newest?.spec_digest)
  return {
    nowMs: now.getTime(),
    current:
      current === undefined
        ? null
        : {
            revision: current.revision,
            specDigest: current.spec_digest,
            documents: current.documents,
            chunks: current.chunks,
            skipped: current.skipped,
            checkedAt: current.checked_at.toISOString(),
          },
    newest: newest === undefined ? null : toView(newest),
    failures: failures.length,
  }
}

function toView(row: AttemptRow): ContextIndexView {
  return {
    number: row.number,
    state: row.state,
    specDigest: row.spec_digest,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    error: row.error,
  }
}

/** Makes room for an attempt at reading a source; one that is unfinished under an older number is given up. */
export async function beginContextIndex(
  database: Database,
  request: BeginContextIndexRequest,
  signal?: AbortSignal,
): Promise<void> {
  const { uid, namespace, name, number } = request
  await database.transaction(async (tx) => {
    await tx.rows(
      `insert into amx.context_sources (uid, namespace, name) values ($1, $2, $3) on conflict (uid) do nothing`,
      [uid, namespace, name],
    )
    await lockSource(tx, uid)
    await tx.rows(
      `insert into amx.context_indexes (source_uid, number, kind, spec, spec_digest, known_revision)
       select $1, $2, $3, $4, $5,
         (select i.revision from amx.context_sources s join amx.context_indexes i on i.id = s.current_index
          where s.uid = $1 and i.spec_digest = $5)
       where $2 > (select last_number from amx.context_sources where uid = $1)
       on conflict (source_uid, number) do nothing`,
      [uid, number, request.kind, jsonParameter(request.spec), request.specDigest],
    )
    await tx.rows('update amx.context_sources set last_number = greatest(last_number, $2) where uid = $1', [
      uid,
      number,
    ])
    const superseded: ErrorReport = {
      code: 'AMX-1009',
      message: 'a newer attempt took its place',
      remedy: 'Nothing to do: the newer attempt reads the source.',
    }
    const older = await tx.rows<{ number: number }>(
      `select number from amx.context_indexes where source_uid = $1 and number < $2 and state = 'Building'`,
      [uid, number],
    )
    for (const attempt of older) await endFailed(tx, uid, attempt.number, superseded)
    await tx.rows(
      `delete from amx.context_indexes i using amx.context_sources s
       where s.uid = $1 and i.source_uid = $1 and i.number <= $2 - $3::integer and i.id is distinct from s.current_index`,
      [uid, number, keptAttempts],
    )
  }, signal)
}

/** Ends an attempt with its error and drops what it had posted; false when it had ended. */
export async function failContextIndex(
  database: Database,
  uid: string,
  number: number,
  error: ErrorReport,
  signal?: AbortSignal,
): Promise<{ readonly recorded: boolean }> {
  return database.transaction(async (tx) => {
    await lockSource(tx, uid)
    return { recorded: await endFailed(tx, uid, number, error) }
  }, signal)
}

async function endFailed(tx: Queryable, uid: string, number: number, error: ErrorReport): Promise<boolean> {
  const ended = await tx.rows<{ id: string }>(
    `update amx.context_indexes set state = 'Failed', error = $3, ended_at = now()
     where source_uid = $1 and number = $2 and state = 'Building' returning id`,
    [uid, number, jsonParameter(error)],
  )
  const [attempt] = ended
  if (attempt === undefined) return false
  await dropRows(tx, attempt.id)
  return true
}

/** Removes what an index holds; the record of the attempt stays. */
export async function dropRows(tx: Queryable, indexId: string): Promise<void> {
  await tx.rows('delete from amx.context_chunks where index_id = $1', [indexId])
  await tx.rows('delete from amx.context_documents where index_id = $1', [indexId])
  await tx.rows('delete from amx.context_terms where index_id = $1', [indexId])
}

/** Serialises whatever changes the indexes of one source. */
export async function lockSource(tx: Queryable, uid: string): Promise<void> {
  await tx.rows('select uid from amx.context_sources where uid = $1 for update', [uid])
}

/** Removes a source with all its indexes. */
export async function deleteContextSource(database: Database, uid: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  await database.rows('delete from amx.context_sources where uid = $1', [uid])
}

/** What an index pod is to do; null when the attempt is over or unknown. */
export async function readContextAssignment(
  database: Database,
  { sourceUid, number }: IndexerIdentity,
  signal?: AbortSignal,
): Promise<ContextAssignment | null> {
  signal?.throwIfAborted()
  const [row] = await database.rows<{
    id: string
    namespace: string
    name: string
    kind: ContextAssignment['kind']
    spec: ContextAssignment['spec']
    known_revision: string | null
  }>(
    `select i.id::text, s.namespace, s.name, i.kind, i.spec, i.known_revision
     from amx.context_indexes i join amx.context_sources s on s.uid = i.source_uid
     where i.source_uid = $1 and i.number = $2 and i.state = 'Building'`,
    [sourceUid, number],
  )
  if (row === undefined) return null
  const { id, namespace, name, kind, spec, known_revision: knownRevision } = row
  return { indexId: id, source: { uid: sourceUid, namespace, name }, kind, spec, knownRevision }
}
