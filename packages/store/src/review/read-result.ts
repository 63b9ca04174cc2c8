import type { ResultDetail, RowDecision } from '@amx/api'
import type { Database } from '../database.ts'
import { isId } from '../work/unit-row.ts'
import { type ResultReaders, readListedRun, readRow } from './list-results.ts'
import { listVersions } from './list-versions.ts'

/** Everything about one row of a run; null when the run has no such row. Throws AMX-1013 when the run is not known. */
export async function readResult(
  readers: ResultReaders,
  runUid: string,
  rowId: string,
  signal?: AbortSignal,
): Promise<ResultDetail | null> {
  signal?.throwIfAborted()
  if (!isId(rowId)) return null
  const { database } = readers
  const run = await readListedRun(database, runUid)
  const [row, versions, decisions, types] = await Promise.all([
    readRow(readers, run, rowId),
    listVersions(database, runUid, rowId, signal),
    readDecisions(database, rowId),
    database.rows<{ data_type: string | null }>('select data_type from amx.assets where id = $1', [rowId]),
  ])
  if (row === null) return null
  return {
    row,
    dataType: types[0]?.data_type ?? null,
    run: { uid: run.uid, name: run.name },
    draftDigest: run.draftDigest,
    versionList: [...(versions?.versions ?? [])],
    decisions,
  }
}

async function readDecisions(database: Database, rowId: string): Promise<RowDecision[]> {
  const rows = await database.rows<Omit<RowDecision, 'decidedAt'> & { readonly decidedAt: Date }>(
    `select d.name as decision, i.verdict, i.alternative, i.text, i.previous_state as "previousState",
       i.previous_text as "previousText", d.reviewer as "decidedBy", d.recorded_at as "decidedAt", d.comment
     from amx.decision_items i join amx.decisions d on d.uid = i.decision_uid
     where i.asset_id = $1 order by d.recorded_at desc, d.uid desc`,
    [rowId],
  )
  return rows.map((row) => ({ ...row, decidedAt: row.decidedAt.toISOString() }))
}
