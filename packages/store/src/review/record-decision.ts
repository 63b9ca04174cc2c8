import { AmxError, type ErrorCode } from '@amx/api'
import type { DecisionCounts, RecordDecisionRequest, RecordDecisionResult } from '../contract.ts'
import { type Database, oneRow, type Queryable } from '../database.ts'
import { recordEvents } from '../history/record-events.ts'
import { jsonParameter } from '../json-parameter.ts'
import { announceRun } from '../topics.ts'
import { verdictsOfFilter } from './decision-filter.ts'
import { verdictsOfItems } from './decision-items.ts'
import { lockReview } from './lock-review.ts'
import { type AssetVerdict, carryOut, verdictsAtOnce } from './verdicts.ts'

type RefusalReason = Extract<RecordDecisionResult, { kind: 'Refused' }>['reason']

const reasonOfCode: Partial<Record<ErrorCode, RefusalReason>> = {
  'AMX-1006': 'UnknownAsset',
  'AMX-1007': 'Stale',
  'AMX-1008': 'NotReviewable',
  'AMX-1009': 'Conflict',
  'AMX-1022': 'VersionLocked',
}

/**
 * Records a decision, all of it or nothing, in one transaction. Recorded again under the same uid it changes nothing and gives
 * the first answer, also when that was a refusal. Throws AMX-1013 when the run is not known.
 */
export async function recordDecision(
  database: Database,
  request: RecordDecisionRequest,
  signal?: AbortSignal,
): Promise<RecordDecisionResult> {
  return database.transaction(async (tx) => {
    await lockReview(tx, request.runUid)
    const run = await oneRow<{ draft_digest: string | null }>(tx, 'select draft_digest from amx.runs where uid = $1', [
      request.runUid,
    ])
    const [known] = await tx.rows<{ result: RecordDecisionResult }>('select result from amx.decisions where uid = $1', [
      request.uid,
    ])
    if (known !== undefined) return known.result
    const verdicts = await judge(tx, request, run.draft_digest)
    if (verdicts instanceof AmxError) return refuse(tx, request, verdicts)
    const recordedAt = await insertDecision(tx, request)
    const counts = await carryOut(
      tx,
      { decisionUid: request.uid, runUid: request.runUid, decidedBy: request.reviewer },
      verdicts,
    )
    const result: RecordDecisionResult = { kind: 'Recorded', counts, recordedAt }
    await keepResult(tx, request.uid, result)
    await announceDecision(tx, request.runUid, request.reviewer, request.name, counts)
    return result
  }, signal)
}

type Slices = Iterable<readonly AssetVerdict[]> | AsyncIterable<readonly AssetVerdict[]>

function* inSlices(verdicts: readonly AssetVerdict[]): Generator<readonly AssetVerdict[]> {
  for (let start = 0; start < verdicts.length; start += verdictsAtOnce) {
    yield verdicts.slice(start, start + verdictsAtOnce)
  }
}

/** The verdicts per asset, or why the decision cannot be recorded. */
async function judge(
  tx: Queryable,
  request: RecordDecisionRequest,
  current: string | null,
): Promise<Slices | AmxError> {
  if (current === null || request.draftDigest !== current) {
    return new AmxError('AMX-1007', { given: request.draftDigest, current: current ?? 'no settled draft' })
  }
  try {
    if (request.items !== undefined && request.items.length > 0) {
      return inSlices(await verdictsOfItems(tx, request.runUid, request.items))
    }
    return request.filter === undefined ? [] : verdictsOfFilter(tx, request.runUid, request.filter)
  } catch (thrown) {
    if (thrown instanceof AmxError && reasonOfCode[thrown.code] !== undefined) return thrown
    throw thrown
  }
}

async function refuse(tx: Queryable, request: RecordDecisionRequest, error: AmxError): Promise<RecordDecisionResult> {
  const result: RecordDecisionResult = {
    kind: 'Refused',
    error: error.report(),
    reason: reasonOfCode[error.code] ?? 'NotReviewable',
  }
  await insertDecision(tx, request)
  await keepResult(tx, request.uid, result)
  return result
}

export async function insertDecision(
  tx: Queryable,
  decision: Pick<RecordDecisionRequest, 'uid' | 'runUid' | 'name' | 'reviewer' | 'comment' | 'draftDigest' | 'apply'>,
): Promise<string> {
  const { recorded_at } = await oneRow<{ recorded_at: Date }>(
    tx,
    `insert into amx.decisions (uid, run_uid, name, reviewer, comment, draft_digest, apply, result)
     values ($1, $2, $3, $4, $5, $6, $7, '{}') returning recorded_at`,
    [
      decision.uid,
      decision.runUid,
      decision.name,
      decision.reviewer,
      decision.comment,
      decision.draftDigest,
      decision.apply ?? false,
    ],
  )
  return recorded_at.toISOString()
}

export async function keepResult(tx: Queryable, uid: string, result: RecordDecisionResult): Promise<void> {
  await tx.rows('update amx.decisions set result = $2 where uid = $1', [uid, jsonParameter(result)])
}

export async function announceDecision(
  tx: Queryable,
  runUid: string,
  reviewer: string,
  name: string,
  counts: DecisionCounts,
): Promise<void> {
  await recordEvents(tx, runUid, [{ type: 'Decided', data: { reviewer, decision: name, ...counts } }])
  await announceRun(tx, runUid)
}
