import { type Accepted, AmxError, isErrorCode, type UnitResult } from '@amx/api'
import type { WorkerIdentity } from '../contract.ts'
import type { Database, Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import { recordSettleResult } from '../settling/settle-result.ts'
import { announceWork, llmTopic, stageTopic } from '../topics.ts'
import { recordAppliedTables } from './apply-result.ts'
import { recordDraftResult } from './draft-result.ts'
import { failUnit, noteError } from './fail-unit.ts'
import { attemptLimit, backOffMs } from './lease.ts'
import { recordProfileResult } from './profile-result.ts'
import { recordScopeResult } from './scope-result.ts'
import { lockUnit, mayRecord, type UnitRow } from './unit-row.ts'

/**
 * Records what became of a unit, in one transaction. The same attempt again is a no-op; a result that comes after its lease ran
 * out counts as long as nobody else took the unit. Throws AMX-9003 when somebody did.
 */
export async function recordResult(
  database: Database,
  worker: WorkerIdentity,
  result: UnitResult,
  signal?: AbortSignal,
): Promise<Accepted> {
  return database.transaction(async (tx) => {
    const unit = await lockUnit(tx, worker, result.unitId)
    if (!mayRecord(unit, result.attempt)) return { recorded: false }
    if (result.kind !== 'failed' && result.kind !== 'released' && result.kind !== unit.kind) {
      throw new AmxError('AMX-1014', { problem: `unit ${unit.id} is of kind ${unit.kind}, not ${result.kind}` })
    }
    await recordOne(tx, unit, result)
    return { recorded: true }
  }, signal)
}

async function recordOne(tx: Queryable, unit: UnitRow, result: UnitResult): Promise<void> {
  switch (result.kind) {
    case 'scope':
      return recordScopeResult(tx, unit, result)
    case 'profile':
      return recordProfileResult(tx, unit, result)
    case 'draft':
      return recordDraftResult(tx, unit, result)
    case 'settle':
      return recordSettleResult(tx, unit, result)
    case 'apply':
      return recordAppliedTables(tx, unit.run_uid, [{ unit, result }])
    case 'released':
      return putBack(tx, unit, 0)
    case 'failed':
      return recordFailure(tx, unit, result)
  }
}

async function recordFailure(
  tx: Queryable,
  unit: UnitRow,
  result: Extract<UnitResult, { kind: 'failed' }>,
): Promise<void> {
  const { code, message, remedy } = result.error
  const error = { code: isErrorCode(code) ? code : ('AMX-9001' as const), message, remedy }
  if (!result.retry) return failUnit(tx, unit, { error, cause: 'NotRetryable' })
  const failures = unit.failures + 1
  if (failures >= attemptLimit) {
    await tx.rows('update amx.units set failures = $2 where id = $1', [unit.id, failures])
    return failUnit(tx, unit, { error, cause: 'AttemptsUsedUp' })
  }
  await tx.rows('update amx.units set failures = $2, error = $3 where id = $1', [
    unit.id,
    failures,
    jsonParameter(error),
  ])
  await noteError(tx, unit.run_uid, error, 'Noted')
  await putBack(tx, unit, backOffMs(failures))
}

async function putBack(tx: Queryable, unit: UnitRow, pauseMs: number): Promise<void> {
  await tx.rows(
    `update amx.units set state = 'waiting', settled_attempt = attempt, holder = null, lease_until = null,
       available_at = clock_timestamp() + $2 * interval '1 millisecond'
     where id = $1`,
    [unit.id, pauseMs],
  )
  const topics = [stageTopic(unit.run_uid, unit.stage)]
  await announceWork(tx, unit.run_uid, unit.llm_key === null ? topics : [...topics, llmTopic(unit.llm_key)])
}
