import type { DecisionCounts } from '../contract.ts'
import { type Database, oneRow } from '../database.ts'
import type { Parameters } from '../keyset.ts'
import { acceptableTop, stillOpen, verdictsWhere } from './decision-filter.ts'
import { lockReview } from './lock-review.ts'
import { announceDecision, insertDecision, keepResult } from './record-decision.ts'
import { carryOut } from './verdicts.ts'

interface PolicyRow {
  readonly strategy: 'Manual' | 'Auto'
  readonly accept: 'High' | 'All'
  readonly existing: 'Keep' | 'Replace'
  readonly draft_digest: string | null
}

const noCounts: DecisionCounts = { accepted: 0, skipped: 0, rejected: 0, restored: 0, superseded: 0 }

/**
 * Accepts what the run's own review policy says, once: rows of band High, or all, whose first alternative is no placeholder;
 * rows that have a comment only where `existing` is Replace. Does nothing where the strategy is Manual.
 */
export async function acceptByPolicy(database: Database, uid: string, signal?: AbortSignal): Promise<DecisionCounts> {
  return database.transaction(async (tx) => {
    await lockReview(tx, uid)
    const policy = await oneRow<PolicyRow>(
      tx,
      `select settings #>> '{review,strategy}' as strategy, settings #>> '{review,accept}' as accept,
         settings #>> '{apply,existing}' as existing, draft_digest
       from amx.runs where uid = $1`,
      [uid],
    )
    if (policy.strategy !== 'Auto') return noCounts
    const decisionUid = `policy:${uid}`
    const [known] = await tx.rows<{ counts: DecisionCounts }>(
      `select result -> 'counts' as counts from amx.decisions where uid = $1`,
      [decisionUid],
    )
    if (known !== undefined) return known.counts
    const reviewer = `policy:Auto/${policy.accept}`
    const recordedAt = await insertDecision(tx, {
      uid: decisionUid,
      runUid: uid,
      name: reviewer,
      reviewer,
      comment: '',
      draftDigest: policy.draft_digest ?? '',
    })
    const counts = await carryOut(
      tx,
      { decisionUid, runUid: uid, decidedBy: reviewer },
      verdictsWhere(tx, (parameters) => acceptable(uid, policy, parameters), {
        verdict: 'Accept',
        alternative: 1,
        text: null,
      }),
    )
    await keepResult(tx, decisionUid, { kind: 'Recorded', counts, recordedAt })
    await announceDecision(tx, uid, reviewer, reviewer, counts)
    return counts
  }, signal)
}

function acceptable(uid: string, { accept, existing }: PolicyRow, parameters: Parameters): string[] {
  return [
    `a.run_uid = ${parameters.add(uid)} and a.status = 'Drafted' and a.review_state = 'Unreviewed'`,
    stillOpen,
    acceptableTop,
    ...(accept === 'All' ? [] : [`a.band = 'High'`]),
    ...(existing === 'Replace' ? [] : ['a.existing_comment is null']),
  ]
}
