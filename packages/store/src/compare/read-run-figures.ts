import type { ConfidenceSignal, RunSummary } from '@amx/api'
import type { Database } from '../database.ts'
import { editedRows, policyRows } from '../history/edited-rows.ts'
import { type SummaryRow, summaryColumns, summaryTables, toRunSummary } from '../runs/run-summary.ts'

/** A run with what a comparison asks besides its summary. */
export interface RunFigures {
  readonly summary: RunSummary
  readonly databaseKeys: readonly string[]
  readonly signal: ConfidenceSignal
  /** Accepted in somebody's own words. */
  readonly edited: number
  readonly acceptedByPolicy: number
  /** Rows with a warning. */
  readonly warned: number
  /** From its begin until all drafts were there; null before. */
  readonly draftedInMs: number | null
}

interface FiguresRow extends SummaryRow {
  readonly database_keys: string[]
  readonly confidence_signal: ConfidenceSignal
  readonly edited: number
  readonly by_policy: number
  readonly warned: number
  readonly drafted_in_ms: number | null
}

/** Figures of runs, in the order of their uids; those the store does not know are left out. */
export async function readRunFigures(
  database: Database,
  uids: readonly string[],
  signal?: AbortSignal,
): Promise<RunFigures[]> {
  signal?.throwIfAborted()
  const rows = await database.rows<FiguresRow>(
    `select ${summaryColumns}, ${editedRows} as edited, ${policyRows} as by_policy,
       array(select distinct t ->> 'databaseKey' from jsonb_array_elements(r.settings -> 'targets') as t) as database_keys,
       r.settings #>> '{generation,confidenceSignal}' as confidence_signal,
       (select count(*) from amx.assets a join amx.drafts d on d.asset_id = a.id
        where a.run_uid = r.uid and d.warnings <> '[]')::integer as warned,
       (select extract(epoch from min(e.time) - r.started_at) * 1000 from amx.events e
        where e.run_uid = r.uid and e.type = 'Drafted')::float8 as drafted_in_ms
     from ${summaryTables} where r.uid = any($1::text[])`,
    [uids],
  )
  return uids.flatMap((uid) => {
    const row = rows.find((candidate) => candidate.uid === uid)
    return row === undefined ? [] : [toFigures(row)]
  })
}

function toFigures(row: FiguresRow): RunFigures {
  return {
    summary: toRunSummary(row),
    databaseKeys: row.database_keys,
    signal: row.confidence_signal,
    edited: row.edited,
    acceptedByPolicy: row.by_policy,
    warned: row.warned,
    draftedInMs: row.drafted_in_ms === null ? null : Math.max(0, Math.round(row.drafted_in_ms)),
  }
}
