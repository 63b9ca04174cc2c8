import { AmxError, type ResultFilter, type ResultPage, type ResultRow, type ResultSort, type SortOrder } from '@amx/api'
import type { Database } from '../database.ts'
import { createParameters, cutPage } from '../keyset.ts'
import { targetName } from '../runs/target-name.ts'
import type { Calibrations } from './calibrations.ts'
import { isOfDimensions } from './dimensions.ts'
import { findRows, isFew } from './find-rows.ts'
import { type FilteredRun, resultConditions } from './result-conditions.ts'
import { firstRowsSql, orderingOf, type ResultOrder, type ResultPlace, readPlace, writePlace } from './result-order.ts'
import { supersededBy } from './superseded-by.ts'
import { lockOf } from './version-locks.ts'

export interface ResultReaders {
  readonly database: Database
  readonly calibrations: Calibrations
}

export interface ListResultsQuery extends ResultFilter {
  readonly limit: number
  readonly after?: string
  readonly sort?: ResultSort
  readonly order?: SortOrder
}

export interface ResultQueryRow extends Omit<ResultRow, 'decidedAt' | 'databaseProfile' | 'seed'> {
  readonly targetIndex: number
  readonly parentId: string | null
  readonly seedIndex: number | null
  readonly seedText: string | null
  readonly decidedAt: Date | null
}

/**
 * A page of a run's rows: everything drafted, and everything that got no draft with the reason. What is decided while somebody
 * pages moves no row from one page to another. Throws AMX-1013 when the run is not known.
 */
export async function listResults(
  { database, calibrations }: ResultReaders,
  runUid: string,
  query: ListResultsQuery,
  signal?: AbortSignal,
): Promise<ResultPage> {
  signal?.throwIfAborted()
  const run = await readListedRun(database, runUid)
  const place = readPlace(query.after, query)
  const ordering = place?.ordering ?? orderingOf(query, run.asOf)
  const { total, rows } = await readPage(database, run, query, { ordering, place })
  const { page, last } = cutPage(rows, query.limit)
  return {
    rows: await toResultRows(calibrations, run, page),
    next: last === null ? null : writePlace({ ordering, total, keys: last.sortKeys }),
    draftDigest: run.draftDigest,
    total,
  }
}

interface PageRow extends ResultQueryRow {
  readonly sortKeys: readonly string[]
}

interface PageQuery {
  readonly ordering: ResultOrder
  readonly place: ResultPlace | null
}

/** A page with the total: what is counted already while the page is read; where rows have to be looked at, once for both. */
async function readPage(
  database: Database,
  run: ListedRun,
  query: ListResultsQuery,
  { ordering, place }: PageQuery,
): Promise<{ readonly total: number; readonly rows: readonly PageRow[] }> {
  const after = place?.keys ?? null
  const page = (ids: readonly string[] | null) => readRows(database, run, query, { ordering, after, ids })
  if (isOfDimensions(query)) {
    const [total, rows] = await Promise.all([
      place?.total ?? findRows(database, run, query).then((found) => found.total),
      page(null),
    ])
    return { total, rows }
  }
  const found = place === null || isFew(place.total) ? await findRows(database, run, query) : null
  return { total: place?.total ?? found?.total ?? 0, rows: await page(found?.ids ?? null) }
}

/** Rows are chosen and put in order by what is narrow; the wide rest is read of the chosen ones alone. */
async function readRows(
  database: Database,
  run: ListedRun,
  query: ListResultsQuery,
  chosen: {
    readonly ordering: ResultOrder
    readonly after: readonly (string | number)[] | null
    /** Rows to choose from, where they are known; null for all that match. */
    readonly ids: readonly string[] | null
  },
): Promise<PageRow[]> {
  if (chosen.ids?.length === 0) return []
  const parameters = createParameters()
  const conditions =
    chosen.ids === null
      ? resultConditions(run, query, parameters)
      : [`a.id = any(${parameters.add(chosen.ids)}::bigint[])`]
  const first = firstRowsSql(chosen.ordering, { conditions, limit: query.limit + 1, after: chosen.after }, parameters)
  return database.rows<PageRow>(
    `with page as materialized (${first.text})
     select ${first.keys} as "sortKeys", ${resultColumns}
     from page join amx.assets a on a.id = page.id left join amx.drafts d on d.asset_id = a.id
     order by ${first.orderBy}`,
    parameters.values,
  )
}

/** One row of a run with the calibration of its score; null when the run has no such row. */
export async function readRow(
  { database, calibrations }: ResultReaders,
  run: ListedRun,
  rowId: string,
): Promise<ResultRow | null> {
  const rows = await database.rows<ResultQueryRow>(
    `select ${resultColumns} from amx.assets a left join amx.drafts d on d.asset_id = a.id
     where a.id = $1 and a.run_uid = $2 and a.status <> 'Planned'`,
    [rowId, run.uid],
  )
  const [row] = await toResultRows(calibrations, run, rows)
  return row ?? null
}

/** What lists need to know of a run. Throws AMX-1013 when it is not known. */
export async function readListedRun(database: Database, uid: string): Promise<ListedRun> {
  const run = (await readListedRuns(database, [uid])).get(uid)
  if (run === undefined) throw new AmxError('AMX-1013', { what: `run ${uid}` })
  return run
}

/** What lists need to know of runs, by their uid; those that are not known are left out. */
export async function readListedRuns(database: Database, uids: readonly string[]): Promise<Map<string, ListedRun>> {
  const runs = await database.rows<ListedRun>(
    `select r.uid, r.name, r.draft_digest as "draftDigest", r.settings -> 'targets' as targets, r.namespace,
       r.settings #>> '{model,provider}' as provider, r.settings #>> '{model,model}' as model, to_json(now()) #>> '{}' as "asOf"
     from amx.runs r where r.uid = any($1::text[])`,
    [uids],
  )
  return new Map(runs.map((run) => [run.uid, run]))
}

/** Columns of a {@link ResultQueryRow}, of asset `a` with its draft `d`. */
export const resultColumns = `a.id::text, a.database_key as target, a.path, a.kind, coalesce(a.source, 'profile') as source,
  coalesce(a.signal, 'None') as signal, a.score, a.band, d.token_probability as "tokenProbability",
  coalesce(d.alternatives, '[]') as alternatives, a.existing_comment as "existingComment", d.reasoning,
  coalesce(d.citations, '[]') as citations, coalesce(d.evidence, '') as evidence,
  coalesce(d.warnings, '[]') as warnings,
  (select f.path from amx.assets f where f.id = a.copied_from) as "copiedFrom", a.reason as "skippedReason", a.review_state as state, a.revision,
  ${supersededBy} as "supersededBy", a.chosen_text as "chosenText", a.chosen_alternative as "chosenAlternative", a.decided_by as "decidedBy",
  a.decided_at as "decidedAt", a.apply_outcome as "applyOutcome", a.apply_error as "applyError",
  a.target_index as "targetIndex", a.version,
  (select count(*)::integer from amx.assets v where v.root_id = coalesce(a.root_id, a.id)) + 1 as versions,
  a.parent_id::text as "parentId", a.seed_index as "seedIndex", a.seed_text as "seedText",
  (${lockOf(`jsonb_build_object('rowId', other.id::text, 'version', other.version,
    'run', (select name from amx.runs r where r.uid = other.run_uid))`)} limit 1) as lock`

export interface ListedRun extends FilteredRun {
  readonly name: string
  readonly draftDigest: string | null
  readonly namespace: string
  readonly provider: string | null
  readonly model: string | null
  /** The time now, as PostgreSQL has it. */
  readonly asOf: string
}

/** Rows with what their scores proved to be worth. */
export async function toResultRows(
  calibrations: Calibrations,
  run: ListedRun,
  rows: readonly ResultQueryRow[],
): Promise<ResultRow[]> {
  const { namespace, provider, model } = run
  const given: ResultRow[] = []
  for (const row of rows.map((one) => toResultRow(one, run))) {
    if (row.score === null) {
      given.push({ ...row, calibrated: null })
      continue
    }
    const key = { namespace, databaseKey: row.target, signal: row.signal, provider, model }
    const calibration = await calibrations.of(key)
    given.push({ ...row, calibrated: calibration(row.score) })
  }
  return given
}

function toResultRow(row: ResultQueryRow & { readonly sortKeys?: unknown }, run: FilteredRun): ResultRow {
  const { sortKeys: _, decidedAt, targetIndex, parentId, seedIndex, seedText, ...rest } = row
  const seeded = parentId !== null && seedIndex !== null && seedText !== null
  return {
    ...rest,
    databaseProfile: targetName(run, targetIndex),
    seed: seeded ? { rowId: parentId, index: seedIndex, text: seedText } : null,
    decidedAt: decidedAt?.toISOString() ?? null,
  }
}
