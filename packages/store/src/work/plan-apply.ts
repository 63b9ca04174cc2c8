import { AmxError } from '@amx/api'
import { planRollback } from '../apply/plan-rollback.ts'
import { type PlannedRun, rowsPerUnit } from '../apply/planned-run.ts'
import { decidedToApply, inScope, isBeingWritten, isOneOf, notBeingWritten } from '../apply/queue-conditions.ts'
import { selectedPaths } from '../apply/run-selection.ts'
import type { Database, Queryable } from '../database.ts'
import { recordEvents } from '../history/record-events.ts'
import { jsonParameter } from '../json-parameter.ts'
import { createParameters, type Parameters } from '../keyset.ts'
import { announceWork, stageTopic } from '../topics.ts'

/**
 * Makes apply units, one per table and 2,000 rows, of what the run is to write and has not tried yet. A run of type Apply takes
 * the queued rows of its source run, or of its targets' databases whichever run they are from; any other its own rows: all
 * where its policy is OnAccept, else those of decisions that asked for it. Rows that another run is about to write, and rows
 * of databases that the run does not name, are left alone. A Rollback takes what its source wrote.
 */
export async function planApply(
  database: Database,
  uid: string,
  signal?: AbortSignal,
): Promise<{ readonly rows: number; readonly units: number }> {
  return database.transaction(async (tx) => {
    const [run] = await tx.rows<PlannedRun>(
      `select uid, name, namespace, type, source_run_uid, selection, requested_by, settings -> 'targets' as targets,
         settings #>> '{apply,policy}' as policy, (settings #>> '{apply,dryRun}')::boolean as dry_run
       from amx.runs where uid = $1 for no key update`,
      [uid],
    )
    if (run === undefined) throw new AmxError('AMX-1013', { what: `run ${uid}` })
    const planned = run.type === 'Rollback' ? await planRollback(tx, run) : await planQueued(tx, run)
    const rows = planned.rows + planned.refused
    if (rows === 0) return { rows: 0, units: 0 }
    await recordEvents(tx, uid, [{ type: 'ApplyStarted', data: { rows, tables: planned.units } }])
    await announceWork(tx, uid, [stageTopic(uid, 'apply')])
    return { rows, units: planned.units }
  }, signal)
}

interface Planned {
  readonly rows: number
  readonly refused: number
  readonly units: number
}

async function planQueued(tx: Queryable, run: PlannedRun): Promise<Planned> {
  const parameters = createParameters()
  const uid = parameters.add(run.uid)
  const conditions = [
    `q.namespace = ${parameters.add(run.namespace)}`,
    `not ${isBeingWritten}`,
    // A row that this run tried already waits for another one.
    `q.unit_run_uid is distinct from ${uid}`,
    notBeingWritten,
    ...rowsOf(run, parameters),
  ]
  const planned = await tx.rows<{ unit_id: string; rows: number }>(
    `with targets as (
       select min(t.place) - 1 as target_index, t.entry ->> 'databaseKey' as database_key
       from jsonb_array_elements(${parameters.add(jsonParameter(run.targets))}::jsonb) with ordinality as t (entry, place)
       group by 2
     ), open as (
       select q.id, q.table_path, targets.target_index::integer,
         (row_number() over (partition by targets.target_index, q.table_path order by q.path) - 1) / ${rowsPerUnit} as part
       from amx.queue q join targets using (database_key)
       where ${conditions.join(' and ')}
     ), made as (
       insert into amx.units (run_uid, stage, kind, target_index, table_path, ordinal, batch, rows)
       select ${uid}, 'apply', 'apply', parts.target_index, parts.table_path,
         row_number() over (order by parts.target_index, parts.table_path, parts.part), parts.part + 1, parts.rows
       from (select target_index, table_path, part, count(*) as rows from open group by 1, 2, 3) as parts
       order by parts.target_index, parts.table_path, parts.part
       returning id, target_index, table_path, batch
     ), bound as (
       update amx.queue q set unit_id = made.id, unit_run_uid = ${uid}, state = 'Queued', error = null
       from open join made
         on made.target_index = open.target_index and made.table_path = open.table_path and made.batch = open.part + 1
       where q.id = open.id returning made.id
     )
     select id::text as unit_id, count(*)::integer as rows from bound group by id`,
    parameters.values,
  )
  return { rows: planned.reduce((sum, unit) => sum + unit.rows, 0), refused: 0, units: planned.length }
}

function rowsOf(run: PlannedRun, parameters: Parameters): string[] {
  if (run.type !== 'Apply') {
    const own = `q.run_uid = ${parameters.add(run.uid)}`
    return run.policy === 'OnAccept' ? [own] : [own, decidedToApply]
  }
  if (run.source_run_uid === null) {
    const scopes = run.targets.map(({ databaseKey, scope }) => {
      return [`q.database_key = ${parameters.add(databaseKey)}`, ...inScope(scope, parameters)].join(' and ')
    })
    return [`(${scopes.join(' or ') || 'false'})`]
  }
  const source = `q.run_uid = ${parameters.add(run.source_run_uid)}`
  const assets = selectedPaths(run.selection)
  return assets === null ? [source] : [source, isOneOf(assets, parameters)]
}
