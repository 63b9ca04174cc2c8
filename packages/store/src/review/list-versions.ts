import type { RunSettings, VersionList, VersionRow } from '@amx/api'
import type { Database } from '../database.ts'
import { isId } from '../work/unit-row.ts'

interface VersionQueryRow extends Omit<VersionRow, 'run' | 'seed' | 'draftedAt' | 'model' | 'instructions'> {
  readonly run_uid: string
  readonly run_name: string
  readonly run_type: VersionRow['run']['type']
  readonly settings: Pick<RunSettings, 'model' | 'generation'>
  readonly seed_index: number | null
  readonly seed_text: string | null
  readonly drafted_at: Date | null
}

/** All versions of a row of a run, the first one first; null when the run has no such row. */
export async function listVersions(
  database: Database,
  runUid: string,
  rowId: string,
  signal?: AbortSignal,
): Promise<VersionList | null> {
  signal?.throwIfAborted()
  if (!isId(rowId)) return null
  const rows = await database.rows<VersionQueryRow>(
    `with asked as (
       select coalesce(root_id, id) as root from amx.assets where id = $2 and run_uid = $1
     )
     select a.id::text as "rowId", a.version, a.run_uid, r.name as run_name, r.type as run_type, r.settings,
       a.parent_id::text as "parentId", a.seed_index, a.seed_text, a.status, a.review_state as state, a.score, a.band,
       coalesce(d.alternatives, '[]') as alternatives, a.chosen_text as "chosenText", a.apply_outcome as "applyOutcome",
       d.drafted_at, exists (select from amx.queue q where q.asset_id = a.id) as locks
     from asked join amx.assets a on a.id = asked.root or a.root_id = asked.root
       join amx.runs r on r.uid = a.run_uid left join amx.drafts d on d.asset_id = a.id
     order by a.version`,
    [runUid, rowId],
  )
  if (rows.length === 0) return null
  return { versions: rows.map(toVersionRow) }
}

function toVersionRow(row: VersionQueryRow): VersionRow {
  const { run_uid, run_name, run_type, settings, seed_index, seed_text, drafted_at, ...version } = row
  const { parentId } = version
  return {
    ...version,
    run: { uid: run_uid, name: run_name, type: run_type },
    seed:
      parentId === null || seed_index === null || seed_text === null
        ? null
        : { rowId: parentId, index: seed_index, text: seed_text },
    model: settings.model?.model ?? null,
    instructions: settings.generation.instructions,
    draftedAt: drafted_at?.toISOString() ?? null,
  }
}
