import type { DesiredState, RunExplanation, RunPhase, RunSettings } from '@amx/api'
import type { Database } from '../database.ts'
import { recordEvents } from '../history/record-events.ts'
import { jsonParameter } from '../json-parameter.ts'
import { announceRun, announceWork, everyStage, stageTopic } from '../topics.ts'

/** Tells claims to stop handing out work, or to go on. */
export async function setDesiredState(
  database: Database,
  uid: string,
  state: DesiredState,
  signal?: AbortSignal,
): Promise<void> {
  await database.transaction(async (tx) => {
    const changed = await tx.rows(
      'update amx.runs set desired_state = $2 where uid = $1 and desired_state <> $2 returning uid',
      [uid, state],
    )
    if (changed.length === 0) return
    await announceWork(
      tx,
      uid,
      everyStage.map((stage) => stageTopic(uid, stage)),
    )
  }, signal)
}

/** Keeps the phase for lists; the end of a run is told once. */
export async function setPhase(
  database: Database,
  uid: string,
  phase: RunPhase,
  finished: boolean,
  signal?: AbortSignal,
): Promise<void> {
  await database.transaction(async (tx) => {
    const [before] = await tx.rows<{ phase: string; finished: boolean }>(
      'select phase, finished from amx.runs where uid = $1 for no key update',
      [uid],
    )
    if (before === undefined || (before.phase === phase && before.finished === finished)) return
    await tx.rows(
      `update amx.runs set phase = $2, finished = $3, finished_at = case when $3 then coalesce(finished_at, now()) end,
         explanation = case when $4 then explanation end
       where uid = $1`,
      [uid, phase, finished, explainedPhases.has(phase)],
    )
    if (!finished) return announceRun(tx, uid)
    if (!before.finished) await recordEvents(tx, uid, [{ type: 'RunFinished', data: { phase } }])
    await announceWork(
      tx,
      uid,
      everyStage.map((stage) => stageTopic(uid, stage)),
    )
  }, signal)
}

/** Phases that make people ask why. */
const explainedPhases: ReadonlySet<RunPhase> = new Set(['Failed', 'PartiallyApplied', 'Suspended', 'Cancelled'])

/** Keeps why a run is about to enter a phase that makes people ask; the next phase that does not forgets it. */
export async function explainRun(
  database: Database,
  uid: string,
  explanation: RunExplanation,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted()
  await database.rows('update amx.runs set explanation = $2 where uid = $1', [uid, jsonParameter(explanation)])
}

const deletedMidway: RunExplanation = {
  reason: 'ObjectDeleted',
  message: 'its object was deleted from the cluster before the run had ended',
  code: null,
  remedy: 'What was drafted and decided is kept; start another run for the rest.',
}

/**
 * Marks a run that left the cluster. Its rows stay; units that nobody began are dropped, and its workers stop. One that had not
 * ended is cancelled, with that as the reason: nobody will take it further.
 */
export async function archiveRun(database: Database, uid: string, signal?: AbortSignal): Promise<void> {
  await database.transaction(async (tx) => {
    const archived = await tx.rows(
      'update amx.runs set archived_at = now() where uid = $1 and archived_at is null returning uid',
      [uid],
    )
    if (archived.length === 0) return
    const interrupted = await tx.rows(
      `update amx.runs set phase = 'Cancelled', finished = true, finished_at = now(), explanation = $2
       where uid = $1 and not finished returning uid`,
      [uid, jsonParameter(deletedMidway)],
    )
    if (interrupted.length > 0) {
      await recordEvents(tx, uid, [
        {
          type: 'RunFinished',
          data: { phase: 'Cancelled', reason: deletedMidway.reason, message: deletedMidway.message },
        },
      ])
    }
    await tx.rows(`delete from amx.units where run_uid = $1 and state = 'waiting'`, [uid])
    await tx.rows('update amx.queue set unit_id = null where unit_run_uid = $1 and state = $2', [uid, 'Queued'])
    await announceWork(
      tx,
      uid,
      everyStage.map((stage) => stageTopic(uid, stage)),
    )
  }, signal)
}

/** Forgets a run of type Refresh with everything it listed; what was learnt of the catalog stays. */
export async function forgetRefresh(database: Database, uid: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  await database.rows("delete from amx.runs where uid = $1 and type = 'Refresh'", [uid])
}

/** The frozen settings of a run and where it lives; null when the store does not know it. */
export async function readSettings(
  database: Database,
  runUid: string,
  signal?: AbortSignal,
): Promise<{ readonly settings: RunSettings; readonly namespace: string; readonly name: string } | null> {
  signal?.throwIfAborted()
  const [row] = await database.rows<{ settings: RunSettings; namespace: string; name: string }>(
    'select settings, namespace, name from amx.runs where uid = $1',
    [runUid],
  )
  return row ?? null
}
