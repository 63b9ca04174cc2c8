import { type Accepted, type ErrorReport, isErrorCode, type LogLines } from '@amx/api'
import type { WorkerIdentity } from '../contract.ts'
import type { Database } from '../database.ts'
import { jsonParameter, storableText } from '../json-parameter.ts'
import { announceRun, announceWork, everyStage, stageTopic } from '../topics.ts'
import { noteError } from '../work/fail-unit.ts'
import { type NewEvent, recordEvents } from './record-events.ts'

/** Stops the run: its claims answer that it failed. The first such error stays. */
export async function recordFatal(
  database: Database,
  worker: WorkerIdentity,
  report: { readonly code: string; readonly message: string; readonly remedy: string },
  signal?: AbortSignal,
): Promise<Accepted> {
  const code = isErrorCode(report.code) ? report.code : ('AMX-9001' as const)
  const error: ErrorReport = { code, message: report.message, remedy: report.remedy }
  return database.transaction(async (tx) => {
    const [run] = await tx.rows<{ fatal: boolean }>(
      'select fatal_error is not null as fatal from amx.runs where uid = $1 for no key update',
      [worker.runUid],
    )
    if (run === undefined || run.fatal) return { recorded: false }
    await noteError(tx, worker.runUid, error, 'Fatal')
    await recordEvents(tx, worker.runUid, [{ type: 'Warning', data: { ...error, stage: worker.stage, fatal: true } }])
    await announceWork(
      tx,
      worker.runUid,
      everyStage.map((stage) => stageTopic(worker.runUid, stage)),
    )
    return { recorded: true }
  }, signal)
}

const messageLimit = 8_192

/** Levels that are worth a line in the run's history besides its log. */
const notable = new Set(['warn', 'error', 'fatal'])

/** Keeps a worker's log lines; warnings and errors become events as well. */
export async function recordLogs(
  database: Database,
  worker: WorkerIdentity,
  { lines }: LogLines,
  signal?: AbortSignal,
): Promise<Accepted> {
  if (lines.length === 0) return { recorded: false }
  const kept = lines.map(({ time, level, message, facts }) => ({
    time: Number.isNaN(Date.parse(time)) ? new Date().toISOString() : new Date(time).toISOString(),
    level: level.slice(0, 16),
    message: storableText(message).slice(0, messageLimit),
    facts: facts ?? null,
  }))
  const events = kept
    .filter(({ level }) => notable.has(level))
    .map(({ level, message }): NewEvent => ({ type: 'Log', data: { stage: worker.stage, level, message } }))
  return database.transaction(async (tx) => {
    // Pods of a run write one after the other: whoever reads on behind an id misses no line that is committed later.
    await tx.rows('select pg_advisory_xact_lock(hashtextextended($1, 17))', [worker.runUid])
    await tx.rows(
      `insert into amx.log_lines (run_uid, stage, holder, time, level, message, facts)
       select $1, $2, $3, l.time, l.level, l.message, l.facts
       from jsonb_to_recordset($4::jsonb) as l (time timestamptz, level text, message text, facts jsonb)`,
      [worker.runUid, worker.stage, worker.holder, jsonParameter(kept)],
    )
    await recordEvents(tx, worker.runUid, events)
    if (events.length > 0) await announceRun(tx, worker.runUid)
    return { recorded: true }
  }, signal)
}
