import type { DecisionCounts } from '../contract.ts'
import { type Database, oneRow, type Queryable } from '../database.ts'
import { acceptableTop, stillOpen, withoutLocked } from './decision-filter.ts'
import { lockReview } from './lock-review.ts'
import { announceDecision, insertDecision, keepResult } from './record-decision.ts'
import { type AssetVerdict, carryOut } from './verdicts.ts'

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
    const verdicts = await acceptable(tx, uid, policy)
    const counts = await carryOut(tx, { decisionUid, runUid: uid, decidedBy: reviewer }, verdicts)
    await keepResult(tx, decisionUid, { kind: 'Recorded', counts, recordedAt })
    await announceDecision(tx, uid, reviewer, reviewer, counts)
    return counts
  }, signal)
}

async function acceptable(tx: Queryable, uid: string, policy: PolicyRow): Promise<readonly AssetVerdict[]> {
  const rows = await tx.rows<{ id: string }>(
    `select a.id::text
     from amx.assets a join amx.drafts d on d.asset_id = a.id
     where a.run_uid = $1 and a.status = 'Drafted' and a.review_state = 'Unreviewed' and ${stillOpen} and ${acceptableTop}
       and ($2 = 'All' or a.band = 'High') and ($3 = 'Replace' or a.existing_comment is null)
     order by a.target_index, a.path`,
    [uid, policy.accept, policy.existing],
  )
  const open = await withoutLocked(tx, rows)
  return open.map(({ id }) => ({ assetId: id, verdict: 'Accept', alternative: 1, text: null }))
}
