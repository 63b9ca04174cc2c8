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
  const run = await readTarget(tx, unit)
  const options = run === null ? null : profileOptionsDigest(run.target)
  await tx.rows('update amx.tables set profile = $2, profile_options = $3 where id = $1', [
    unit.table_id,
    jsonParameter(profile),
    options,
  ])
  if (run !== null && options !== null) await keepForLaterRuns(tx, unit, profile, { ...run, options })
  const draftUnits = await makeDraftUnits(tx, unit.run_uid, unit.table_id === null ? [] : [unit.table_id])
  const data = {
    table: unit.table_path,
    columns: profile.columns.length,
    rowCount: profile.rowCount,
    rowsRead: profile.rowsRead,
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

interface ProfiledTarget {
  readonly namespace: string
  readonly target: Parameters<typeof profileOptionsDigest>[0] & { readonly databaseKey: string }
}

async function readTarget(tx: Queryable, unit: UnitRow): Promise<ProfiledTarget | null> {
  const [run] = await tx.rows<ProfiledTarget>(
    `select namespace, settings -> 'targets' -> $2::integer as target from amx.runs where uid = $1`,
    [unit.run_uid, unit.target_index],
  )
  return run ?? null
}

async function keepForLaterRuns(
  tx: Queryable,
  unit: UnitRow,
  profile: Extract<UnitResult, { kind: 'profile' }>['profile'],
  { namespace, target, options }: ProfiledTarget & { readonly options: string },
): Promise<void> {
  const { structureDigest, statisticsTime } = profile.catalog
  if (statisticsTime === null || profile.modeReason !== null) return
  await tx.rows(
    `insert into amx.profile_cache
       (namespace, database_key, table_path, options_digest, structure_digest, statistics_time, profile)
     select $1, $2, $3, $4, $5, $6, profile from amx.tables where id = $7
     on conflict (namespace, database_key, table_path, options_digest) do update
       set structure_digest = excluded.structure_digest, statistics_time = excluded.statistics_time,
         profile = excluded.profile, stored_at = now()`,
    [namespace, target.databaseKey, unit.table_path, options, structureDigest, statisticsTime, unit.table_id],
  )
}
