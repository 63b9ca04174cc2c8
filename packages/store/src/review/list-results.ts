import { AmxError, type ResultPage, type ResultRow, type RunSettings } from '@amx/api'
import { type Database, oneRow } from '../database.ts'
import { createParameters, cutPage, type Parameters, readCursor, writeCursor } from '../keyset.ts'
import { targetName } from '../runs/target-name.ts'
import type { Calibrations } from './calibrations.ts'
import { supersededBy } from './superseded-by.ts'
import { lockOf } from './version-locks.ts'

export interface ListResultsQuery {
  readonly limit: number
  readonly after?: string
  readonly state?: string
  readonly band?: string
  readonly kind?: string
  readonly table?: string
  readonly search?: string
  readonly sort?: 'path' | 'confidence'
}

interface ResultQueryRow extends Omit<ResultRow, 'decidedAt' | 'databaseProfile' | 'seed'> {
  readonly targetIndex: number
  readonly parentId: string | null
  readonly seedIndex: number | null
  readonly seedText: string | null
  readonly decidedAt: Date | null
  readonly sortScore: number
}

/**
 * A page of a run's rows: everything drafted, and everything that got no draft with the reason. Sorted by path, or by
 * confidence with the most certain first. Throws AMX-1013 when the run is not known.
 */
export async function listResults(
  { database, calibrations }: { readonly database: Database; readonly calibrations: Calibrations },
  runUid: string,
  query: ListResultsQuery,
  signal?: AbortSignal,
): Promise<ResultPage> {
  signal?.throwIfAborted()
  const [run] = await database.rows<ListedRun>(
    `select r.draft_digest, p.result_rows, r.settings -> 'targets' as targets, r.namespace,
       r.settings #>> '{model,provider}' as provider, r.settings #>> '{model,model}' as model
     from amx.runs r join amx.progress p on p.run_uid = r.uid where r.uid = $1`,
    [runUid],
  )
  if (run === undefined) throw new AmxError('AMX-1013', { what: `run ${runUid}` })
  const parameters = createParameters()
  const filters = filtersOf(runUid, query, parameters)
  const total = filters.length === 2 ? run.result_rows : await countRows(database, filters, [...parameters.values])
  const byScore = query.sort === 'confidence'
  const rows = await database.rows<ResultQueryRow>(
    `select ${resultColumns} from amx.assets a left join amx.drafts d on d.asset_id = a.id
     where ${[...filters, ...afterOf(query, parameters)].join(' and ')}
     order by ${byScore ? 'coalesce(a.score, -1) desc, a.path, a.id' : 'a.path, a.id'}
     limit ${parameters.add(query.limit + 1)}`,
    parameters.values,
  )
  const { page, last } = cutPage(rows, query.limit)
  return {
    rows: await calibrated(
      calibrations,
      run,
      page.map((row) => toResultRow(row, run)),
    ),
    next: last === null ? null : writeCursor(byScore ? [last.sortScore, last.path, last.id] : [last.path, last.id]),
    draftDigest: run.draft_digest,
    total,
  }
}

const resultColumns = `a.id::text, a.database_key as target, a.path, a.kind, coalesce(a.source, 'profile') as source,
  coalesce(a.signal, 'None') as signal, a.score, a.band, d.token_probability as "tokenProbability",
  coalesce(d.alternatives, '[]') as alternatives, a.existing_comment as "existingComment", d.reasoning,
  coalesce(d.citations, '[]') as citations, coalesce(d.evidence, '') as evidence,
  coalesce(d.warnings, '[]') as warnings,
  (select f.path from amx.assets f where f.id = a.copied_from) as "copiedFrom", a.reason as "skippedReason", a.review_state as state, a.revision,
  ${supersededBy} as "supersededBy", a.chosen_text as "chosenText", a.chosen_alternative as "chosenAlternative", a.decided_by as "decidedBy",
  a.decided_at as "decidedAt", a.apply_outcome as "applyOutcome", a.apply_error as "applyError",
  coalesce(a.score, -1) as "sortScore", a.target_index as "targetIndex", a.version,
  (select count(*)::integer from amx.assets v where v.root_id = coalesce(a.root_id, a.id)) + 1 as versions,
  a.parent_id::text as "parentId", a.seed_index as "seedIndex", a.seed_text as "seedText",
  (${lockOf(`jsonb_build_object('rowId', other.id::text, 'version', other.version,
    'run', (select name from amx.runs r where r.uid = other.run_uid))`)} limit 1) as lock`

interface ListedRun {
  readonly draft_digest: string | null
  readonly result_rows: number
  readonly targets: RunSettings['targets']
  readonly namespace: string
  readonly provider: string | null
  readonly model: string | null
}

/** Rows with what their scores proved to be worth. */
async function calibrated(
  calibrations: Calibrations,
  { namespace, provider, model }: ListedRun,
  rows: readonly ResultRow[],
): Promise<ResultRow[]> {
  const given: ResultRow[] = []
  for (const row of rows) {
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

function toResultRow(row: ResultQueryRow, run: { readonly targets: RunSettings['targets'] }): ResultRow {
  const { sortScore: _, decidedAt, targetIndex, parentId, seedIndex, seedText, ...rest } = row
  const seeded = parentId !== null && seedIndex !== null && seedText !== null
  return {
    ...rest,
    databaseProfile: targetName(run, targetIndex),
    seed: seeded ? { rowId: parentId, index: seedIndex, text: seedText } : null,
    decidedAt: decidedAt?.toISOString() ?? null,
  }
}

function filtersOf(runUid: string, query: ListResultsQuery, parameters: Parameters): string[] {
  const filters = [`a.run_uid = ${parameters.add(runUid)}`, `a.status <> 'Planned'`]
  if (query.state !== undefined) filters.push(`a.review_state = ${parameters.add(query.state)}`)
  if (query.band !== undefined) filters.push(`a.band = ${parameters.add(query.band)}`)
  if (query.kind !== undefined) filters.push(`a.kind = ${parameters.add(query.kind)}`)
  if (query.table !== undefined) filters.push(`a.table_path = ${parameters.add(query.table)}`)
  if (query.search !== undefined && query.search !== '') {
    const pattern = parameters.add(`%${query.search.replaceAll(/[\\%_]/g, (character) => `\\${character}`)}%`)
    filters.push(`(a.path ilike ${pattern} or exists (
      select from amx.drafts s, jsonb_array_elements(s.alternatives) as alternative
      where s.asset_id = a.id and alternative ->> 'text' ilike ${pattern}))`)
  }
  return filters
}

function afterOf(query: ListResultsQuery, parameters: Parameters): string[] {
  if (query.sort === 'confidence') {
    const keys = readCursor(query.after, 3)
    if (keys === null) return []
    const score = `${parameters.add(keys[0])}::float8`
    const place = `(${parameters.add(keys[1])}, ${parameters.add(keys[2])}::bigint)`
    return [`coalesce(a.score, -1) <= ${score}`, `(coalesce(a.score, -1) < ${score} or (a.path, a.id) > ${place})`]
  }
  const keys = readCursor(query.after, 2)
  if (keys === null) return []
  return [`(a.path, a.id) > (${parameters.add(keys[0])}, ${parameters.add(keys[1])}::bigint)`]
}

async function countRows(database: Database, filters: readonly string[], values: readonly unknown[]): Promise<number> {
  const { count } = await oneRow<{ count: number }>(
    database,
    `select count(*)::integer as count from amx.assets a where ${filters.join(' and ')}`,
    values,
  )
  return count
}
