import { type LogLine, type LogPage, logLevels } from '@amx/api'
import type { Database } from '../database.ts'
import type { LogQuery } from '../diagnostics/contract.ts'
import { createParameters } from '../keyset.ts'
import { isId } from '../work/unit-row.ts'

interface LineRow extends Omit<LogLine, 'time'> {
  readonly time: Date
}

/** Lines that pods of a run wrote, in the order in which they came; the page after `after`. */
export async function listLogs(
  database: Database,
  runUid: string,
  { after, level, limit, since, stage }: LogQuery,
  signal?: AbortSignal,
): Promise<Omit<LogPage, 'finished'>> {
  signal?.throwIfAborted()
  const parameters = createParameters()
  const conditions = [`l.run_uid = ${parameters.add(runUid)}`]
  if (after !== undefined && isId(after)) conditions.push(`l.id > ${parameters.add(after)}::bigint`)
  if (stage !== undefined) conditions.push(`l.stage = ${parameters.add(stage)}`)
  if (level !== undefined) {
    conditions.push(`l.level = any (${parameters.add(logLevels.slice(logLevels.indexOf(level)))})`)
  }
  if (since !== undefined) conditions.push(`l.time >= ${parameters.add(since)}::timestamptz`)
  const rows = await database.rows<LineRow>(
    `select l.id::text, l.time, l.stage, l.level, l.message, l.holder as pod, l.facts
     from amx.log_lines l where ${conditions.join(' and ')} order by l.id limit ${parameters.add(limit + 1)}`,
    parameters.values,
  )
  const lines = rows.slice(0, limit).map((row) => ({ ...row, time: row.time.toISOString() }))
  return { lines, next: lines.at(-1)?.id ?? after ?? null, more: rows.length > limit }
}
