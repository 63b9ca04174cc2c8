import type { UnitResult } from '@amx/api'
import type { Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import { stageTopic } from '../topics.ts'
import { makeDraftUnits } from './draft-units.ts'
import { profileOptionsDigest } from './profile-options.ts'
import { finishUnit, type UnitRow } from './unit-row.ts'

/** Keeps the profile of a table, for this run and for later ones, and makes the table's draft units. */
export async function recordProfileResult(
  tx: Queryable,
  unit: UnitRow,
  { profile }: Extract<UnitResult, { kind: 'profile' }>,
): Promise<void> {
  await tx.rows('update amx.tables set profile = $2 where id = $1', [unit.table_id, jsonParameter(profile)])
  await keepForLaterRuns(tx, unit, profile)
  const draftUnits = await makeDraftUnits(tx, unit.run_uid, unit.table_id === null ? [] : [unit.table_id])
  const data = {
    table: unit.table_path,
    columns: profile.columns.length,
    rowCount: profile.rowCount,
    mode: profile.mode,
    modeReason: profile.modeReason,
    warnings: profile.warnings,
    statements: profile.statements,
    durationMs: Math.round(profile.durationMs),
    draftUnits,
  }
  const topics = [stageTopic(unit.run_uid, 'profile'), stageTopic(unit.run_uid, 'draft')]
  await finishUnit(tx, unit, { type: 'TableProfiled', data }, topics)
}

async function keepForLaterRuns(
  tx: Queryable,
  unit: UnitRow,
  profile: Extract<UnitResult, { kind: 'profile' }>['profile'],
): Promise<void> {
  const { structureDigest, statisticsTime } = profile.catalog
  if (statisticsTime === null || profile.modeReason !== null) return
  const [run] = await tx.rows<{
    namespace: string
    target: Parameters<typeof profileOptionsDigest>[0] & { databaseKey: string }
  }>(`select namespace, settings -> 'targets' -> $2::integer as target from amx.runs where uid = $1`, [
    unit.run_uid,
    unit.target_index,
  ])
  if (run === undefined) return
  await tx.rows(
    `insert into amx.profile_cache
       (namespace, database_key, table_path, options_digest, structure_digest, statistics_time, profile)
     select $1, $2, $3, $4, $5, $6, profile from amx.tables where id = $7
     on conflict (namespace, database_key, table_path, options_digest) do update
       set structure_digest = excluded.structure_digest, statistics_time = excluded.statistics_time,
         profile = excluded.profile, stored_at = now()`,
    [
      run.namespace,
      run.target.databaseKey,
      unit.table_path,
      profileOptionsDigest(run.target),
      structureDigest,
      statisticsTime,
      unit.table_id,
    ],
  )
}
