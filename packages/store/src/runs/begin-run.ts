import { AmxError } from '@amx/api'
import { checkSelection } from '../apply/run-selection.ts'
import type { BeginRunRequest, BeginRunResult } from '../contract.ts'
import type { Database, Queryable } from '../database.ts'
import { recordEvents } from '../history/record-events.ts'
import { jsonParameter } from '../json-parameter.ts'
import { announceWork, stageTopic } from '../topics.ts'
import { beginDescendant } from './begin-descendant.ts'
import { type SummaryRow, summaryColumns, summaryTables, toRunSummary } from './run-summary.ts'

/** What a person has to correct in a run that goes on from another. */
const refusals: ReadonlySet<string> = new Set([
  'AMX-1001',
  'AMX-1006',
  'AMX-1011',
  'AMX-1013',
  'AMX-1023',
  'AMX-1050',
  'AMX-1051',
])

/**
 * Keeps the frozen settings of a run and makes its first units: one scope unit per target, or the draft units of the rows it
 * goes on from. What it goes on from not being there refuses it, and nothing is kept.
 */
export async function beginRun(
  database: Database,
  request: BeginRunRequest,
  signal?: AbortSignal,
): Promise<BeginRunResult> {
  try {
    return await begin(database, request, signal)
  } catch (thrown) {
    if (!(thrown instanceof AmxError) || !refusals.has(thrown.code)) throw thrown
    return { kind: 'Refused', error: thrown.report() }
  }
}

function begin(database: Database, request: BeginRunRequest, signal: AbortSignal | undefined): Promise<BeginRunResult> {
  return database.transaction(async (tx): Promise<BeginRunResult> => {
    const known = await tx.rows('select uid from amx.runs where uid = $1', [request.uid])
    if (known.length > 0) return { kind: 'Known' }
    const completed = await findCompleted(tx, request)
    if (completed !== null) return { kind: 'AlreadyCompleted', summary: toRunSummary(completed) }
    const began = await insertRun(tx, request)
    if (!began) return { kind: 'Known' }
    if (request.descent !== undefined) await beginDescendant(tx, request, request.descent)
    else if (request.type === 'Apply' || request.type === 'Rollback') await checkSelection(tx, request)
    else await insertScopeUnits(tx, request)
    const { type, scopeText: scope, origin } = request
    await recordEvents(tx, request.uid, [{ type: 'RunStarted', data: { type, scope, origin } }])
    await announceWork(tx, request.uid, [stageTopic(request.uid, 'profile'), stageTopic(request.uid, 'draft')])
    return { kind: 'Began' }
  }, signal)
}

/** A tool that re-creates a deleted object must not pay for the same again. */
async function findCompleted(tx: Queryable, request: BeginRunRequest): Promise<SummaryRow | null> {
  const [row] = await tx.rows<SummaryRow>(
    `select ${summaryColumns} from ${summaryTables}
     where r.namespace = $1 and r.name = $2 and r.spec_digest = $3 and r.settings_digest = $4
       and r.finished and r.phase = 'Succeeded'
     order by r.started_at desc limit 1`,
    [request.namespace, request.name, request.specDigest, request.settingsDigest],
  )
  return row ?? null
}

async function insertRun(tx: Queryable, request: BeginRunRequest): Promise<boolean> {
  const { model, generation } = request.settings
  const rows = await tx.rows(
    `insert into amx.runs (uid, namespace, name, type, spec_digest, settings, settings_digest, scope_text, origin,
       source_run_uid, llm_key, budget, selection, requested_by, phase)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'Running')
     on conflict (uid) do nothing returning uid`,
    [
      request.uid,
      request.namespace,
      request.name,
      request.type,
      request.specDigest,
      jsonParameter(request.settings),
      request.settingsDigest,
      request.scopeText,
      request.origin,
      request.sourceRunUid ?? null,
      // What waits in a provider's batch takes no room of the profile's concurrency.
      model === null || generation.batchAPI === true ? null : `${request.namespace}/${model.profileName}`,
      request.budget ? jsonParameter(request.budget) : null,
      request.selection ? jsonParameter(request.selection) : null,
      request.requestedBy ?? null,
    ],
  )
  if (rows.length === 0) return false
  await tx.rows('insert into amx.progress (run_uid) values ($1)', [request.uid])
  return true
}

async function insertScopeUnits(tx: Queryable, request: BeginRunRequest): Promise<void> {
  await tx.rows(
    `insert into amx.units (run_uid, stage, kind, target_index, ordinal)
     select $1, 'profile', 'scope', target, target - 1000 from generate_series(0, $2::integer - 1) as target`,
    [request.uid, request.settings.targets.length],
  )
}
