import { type AuditPage, type AuditRow, canonicalAssetPath } from '@amx/api'
import type { ChangesQuery } from '../contract.ts'
import type { Database } from '../database.ts'
import { createParameters, cutPage, type Parameters, readCursor, writeCursor } from '../keyset.ts'
import { isId } from '../work/unit-row.ts'
import { writeProblem } from './write-problem.ts'

interface ChangeQueryRow extends Omit<AuditRow, 'appliedAt'> {
  readonly appliedAt: Date
  /** With microseconds, which a Date cannot hold. */
  readonly at: string
}

/** What a run wrote or tried to write, in the order of its intents. Rows without an outcome yet are left out. */
export async function listChanges(
  database: Database,
  runUid: string,
  query: ChangesQuery,
  signal?: AbortSignal,
): Promise<AuditPage> {
  const parameters = createParameters()
  const conditions = [`c.run_uid = ${parameters.add(runUid)}`]
  const after = readCursor(query.after, 1)
  if (after !== null) conditions.push(`c.id > ${parameters.add(after[0])}::bigint`)
  return readPage(database, { query, parameters, conditions, order: 'c.id', cursorOf: ({ id }) => [id] }, signal)
}

/** What was written in a namespace, the newest first. */
export async function listAudit(
  database: Database,
  namespace: string,
  query: ChangesQuery,
  signal?: AbortSignal,
): Promise<AuditPage> {
  const parameters = createParameters()
  const conditions = [`c.namespace = ${parameters.add(namespace)}`]
  const after = readCursor(query.after, 2)
  if (after !== null) {
    conditions.push(
      `(c.applied_at, c.id) < (${parameters.add(after[0])}::timestamptz, ${parameters.add(after[1])}::bigint)`,
    )
  }
  const order = 'c.applied_at desc, c.id desc'
  return readPage(database, { query, parameters, conditions, order, cursorOf: ({ at, id }) => [at, id] }, signal)
}

interface Reading {
  readonly query: ChangesQuery
  readonly parameters: Parameters
  readonly conditions: readonly string[]
  readonly order: string
  cursorOf(row: ChangeQueryRow): readonly string[]
}

async function readPage(
  database: Database,
  { query, parameters, conditions, order, cursorOf }: Reading,
  signal: AbortSignal | undefined,
): Promise<AuditPage> {
  signal?.throwIfAborted()
  const all = ['c.outcome is not null', ...conditions, ...filtered(query, parameters)]
  const rows = await database.rows<ChangeQueryRow>(
    `select c.id::text, c.database_key as target, c.path, c.kind, c.outcome, c.dry_run as "dryRun", c.old_text as "oldText",
       c.new_text as "newText", c.statement, nullif(concat_ws(' ', c.error ->> 'code', c.error ->> 'message'), '') as error,
       ${writeProblem('c.error')} as problem, c.decided_by as "decidedBy", c.applied_by as "appliedBy",
       c.applied_at as "appliedAt", c.applied_at::text as at, coalesce(target.profile, c.database_key) as "databaseProfile",
       jsonb_build_object('uid', r.uid, 'name', r.name, 'type', r.type) as run,
       (select jsonb_build_object('uid', s.uid, 'name', s.name)
        from amx.applied_changes u join amx.runs s on s.uid = u.run_uid where u.id = c.undoes) as undoes,
       (select jsonb_build_object('uid', s.uid, 'name', s.name)
        from amx.applied_changes u join amx.runs s on s.uid = u.run_uid
        where u.undoes = c.id and not u.dry_run and u.outcome in ('Applied', 'AlreadyThere') order by u.id desc limit 1)
         as "undoneBy"
     from amx.applied_changes c join amx.runs r on r.uid = c.run_uid
       left join lateral (
         select t ->> 'profileName' as profile, t #>> '{postgresql,database}' as database
         from jsonb_array_elements(r.settings -> 'targets') as t where t ->> 'databaseKey' = c.database_key limit 1
       ) as target on true
     where ${all.join(' and ')} order by ${order} limit ${parameters.add(query.limit + 1)}`,
    parameters.values,
  )
  const { page, last } = cutPage(rows, query.limit)
  return { rows: page.map(toAuditRow), next: last === null ? null : writeCursor(cursorOf(last)) }
}

function filtered(query: ChangesQuery, parameters: Parameters): string[] {
  const { since, until, by, asset, outcomes = [], target, unit, dryRun } = query
  const conditions: string[] = []
  if (since !== undefined) conditions.push(`c.applied_at >= ${parameters.add(since)}`)
  if (until !== undefined) conditions.push(`c.applied_at < ${parameters.add(until)}`)
  if (by !== undefined) {
    const who = parameters.add(by)
    conditions.push(`(c.decided_by = ${who} or c.applied_by = ${who})`)
  }
  if (asset !== undefined) {
    const path = parameters.add(canonicalAssetPath(asset))
    conditions.push(`(c.path = ${path} or starts_with(c.path, ${path} || '.'))`)
  }
  if (outcomes.length > 0) conditions.push(`c.outcome = any(${parameters.add(outcomes)}::text[])`)
  if (target !== undefined) {
    const named = parameters.add(target)
    conditions.push(
      `(c.database_key = ${named} or target.profile = ${named} or target.profile || '/' || target.database = ${named})`,
    )
  }
  if (unit !== undefined) conditions.push(isId(unit) ? `c.unit_id = ${parameters.add(unit)}::bigint` : 'false')
  if (dryRun !== undefined) conditions.push(`c.dry_run = ${parameters.add(dryRun)}`)
  return conditions
}

function toAuditRow({ at: _, ...row }: ChangeQueryRow): AuditRow {
  return { ...row, appliedAt: row.appliedAt.toISOString() }
}
