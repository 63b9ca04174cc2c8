import { AmxError, type PriceTable, type RunDetail, type RunSettings } from '@amx/api'
import type { Database } from '../database.ts'
import { type SummaryRow, summaryColumns, summaryTables, toRunSummary } from '../runs/run-summary.ts'
import { costOfRunToday } from '../usage/cost-today.ts'
import { editedRows } from './edited-rows.ts'

interface DetailRow extends SummaryRow {
  readonly settings: RunSettings
  readonly source_run_uid: string | null
  readonly drafted_at: Date | null
  readonly edited: number
}

interface DecisionRow extends Omit<RunDetail['decisions'][number], 'recordedAt'> {
  readonly recordedAt: Date
}

type RelatedRun = RunDetail['descendants'][number]
interface RelatedRow extends Omit<RelatedRun, 'startedAt'> {
  readonly startedAt: Date
}

interface WrittenRow {
  readonly outcome: string
  readonly dry_run: boolean
  readonly count: number
  readonly applied_by: string[]
}

const mostDecisions = 1_000
const mostDescendants = 500

/** Everything the store knows about one run besides its rows. Throws AMX-1013 when it is not known. */
export async function readRunDetail(
  database: Database,
  runUid: string,
  prices: PriceTable,
  signal?: AbortSignal,
): Promise<RunDetail> {
  signal?.throwIfAborted()
  const [row] = await database.rows<DetailRow>(
    `select ${summaryColumns}, r.settings, r.source_run_uid,
       (select min(e.time) from amx.events e where e.run_uid = r.uid and e.type = 'Drafted') as drafted_at,
       ${editedRows} as edited
     from ${summaryTables} where r.uid = $1`,
    [runUid],
  )
  if (row === undefined) throw new AmxError('AMX-1013', { what: `run ${runUid}` })
  const [decisions, related, written, costToday] = await Promise.all([
    readDecisions(database, runUid),
    readRelated(database, runUid, row.source_run_uid),
    readWritten(database, runUid),
    costOfRunToday(database, runUid, prices, new Date()),
  ])
  return {
    summary: toRunSummary(row),
    settings: row.settings,
    draftedAt: row.drafted_at?.toISOString() ?? null,
    edited: row.edited,
    costToday,
    decisions,
    source: related.find(({ uid }) => uid === row.source_run_uid) ?? null,
    descendants: related.filter(({ uid }) => uid !== row.source_run_uid),
    written,
  }
}

async function readDecisions(database: Database, runUid: string): Promise<RunDetail['decisions']> {
  const rows = await database.rows<DecisionRow>(
    `select d.name, d.reviewer, d.comment, d.recorded_at as "recordedAt",
       coalesce((d.result #>> '{counts,accepted}')::integer, 0) as accepted,
       coalesce((d.result #>> '{counts,skipped}')::integer, 0) as skipped,
       coalesce((d.result #>> '{counts,rejected}')::integer, 0) as rejected,
       coalesce((d.result #>> '{counts,restored}')::integer, 0) as restored,
       d.result #>> '{error,message}' as refused
     from amx.decisions d where d.run_uid = $1 order by d.recorded_at, d.uid limit ${mostDecisions}`,
    [runUid],
  )
  return rows.map((row) => ({ ...row, recordedAt: row.recordedAt.toISOString() }))
}

async function readRelated(database: Database, runUid: string, sourceUid: string | null): Promise<RelatedRun[]> {
  const rows = await database.rows<RelatedRow>(
    `select r.uid, r.name, r.type, r.phase, r.started_at as "startedAt", p.applied, p.apply_failed as failed
     from ${summaryTables} where (r.source_run_uid = $1 or r.uid = $2) and r.uid <> $1
     order by r.started_at, r.uid limit ${mostDescendants}`,
    [runUid, sourceUid],
  )
  return rows.map((row) => ({ ...row, startedAt: row.startedAt.toISOString() }))
}

async function readWritten(database: Database, runUid: string): Promise<RunDetail['written']> {
  const rows = await database.rows<WrittenRow>(
    `select c.outcome, c.dry_run, count(*)::integer as count, array_agg(distinct c.applied_by) as applied_by
     from amx.applied_changes c where c.run_uid = $1 and c.outcome is not null group by 1, 2 order by 1`,
    [runUid],
  )
  const counts = (dryRun: boolean) =>
    Object.fromEntries(rows.filter((row) => row.dry_run === dryRun).map(({ outcome, count }) => [outcome, count]))
  const appliedBy = [...new Set(rows.flatMap((row) => row.applied_by))].sort()
  return { outcomes: counts(false), dryRun: counts(true), appliedBy }
}
