import type { ChangeRow } from '@amx/api'
import type { Database } from '../database.ts'
import { createParameters, cutPage, readCursor, writeCursor } from '../keyset.ts'
import { writeProblem } from './write-problem.ts'

interface ChangeQueryRow extends Omit<ChangeRow, 'appliedAt'> {
  readonly appliedAt: Date
}

/** What a run wrote or tried to write, in the order of its intents. Rows without an outcome yet are left out. */
export async function listChanges(
  database: Database,
  runUid: string,
  query: { readonly limit: number; readonly after?: string },
  signal?: AbortSignal,
): Promise<{ readonly rows: readonly ChangeRow[]; readonly next: string | null }> {
  signal?.throwIfAborted()
  const parameters = createParameters()
  const conditions = [`c.run_uid = ${parameters.add(runUid)}`, 'c.outcome is not null']
  const after = readCursor(query.after, 1)
  if (after !== null) conditions.push(`c.id > ${parameters.add(after[0])}::bigint`)
  const rows = await database.rows<ChangeQueryRow>(
    `select c.id::text, c.database_key as target, c.path, c.kind, c.outcome, c.dry_run as "dryRun", c.old_text as "oldText",
       c.new_text as "newText", c.statement, nullif(concat_ws(' ', c.error ->> 'code', c.error ->> 'message'), '') as error,
       ${writeProblem('c.error')} as problem, c.decided_by as "decidedBy", c.applied_by as "appliedBy", c.applied_at as "appliedAt"
     from amx.applied_changes c where ${conditions.join(' and ')}
     order by c.id limit ${parameters.add(query.limit + 1)}`,
    parameters.values,
  )
  const { page, last } = cutPage(rows, query.limit)
  return {
    rows: page.map((row) => ({ ...row, appliedAt: row.appliedAt.toISOString() })),
    next: last === null ? null : writeCursor([last.id]),
  }
}
