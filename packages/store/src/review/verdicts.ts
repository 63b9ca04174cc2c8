import type { DecisionCounts } from '../contract.ts'
import type { Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'

/** What a decision makes of one asset. */
export interface AssetVerdict {
  readonly assetId: string
  readonly verdict: 'Accept' | 'Skip' | 'Reject' | 'Restore'
  /** 1-based; null for own text and for verdicts without a text. */
  readonly alternative: number | null
  /** Own words; null takes the text of the alternative, which stays in the store. */
  readonly text: string | null
}

export interface Decider {
  readonly decisionUid: string
  readonly runUid: string
  readonly decidedBy: string
}

/** Verdicts carried out by one statement: a decision over a whole draft may have hundreds of thousands. */
export const verdictsAtOnce = 5_000

/**
 * Carries out verdicts, {@link verdictsAtOnce} or fewer at a time: states of the assets, the record of each, and the queue, where
 * an accepted text takes the place of an older one for the same asset of the same database.
 */
export async function carryOut(
  tx: Queryable,
  decider: Decider,
  slices: Iterable<readonly AssetVerdict[]> | AsyncIterable<readonly AssetVerdict[]>,
): Promise<DecisionCounts> {
  const counts = { accepted: 0, skipped: 0, rejected: 0, restored: 0, superseded: 0 }
  for await (const verdicts of slices) {
    counts.superseded += await carryOutSlice(tx, decider, verdicts)
    for (const { verdict } of verdicts) counts[countOf[verdict]] += 1
  }
  return counts
}

/** Gives the number of queue entries of other runs that gave way. */
async function carryOutSlice(tx: Queryable, decider: Decider, verdicts: readonly AssetVerdict[]): Promise<number> {
  const given = jsonParameter(verdicts)
  await tx.rows(
    `insert into amx.decision_items (decision_uid, asset_id, verdict, alternative, text, previous_state, previous_text)
     select $1, v."assetId", v.verdict, v.alternative, coalesce(v.text, d.alternatives -> (v.alternative - 1) ->> 'text'),
       a.review_state, a.chosen_text
     from jsonb_to_recordset($2::jsonb) as v ("assetId" bigint, verdict text, alternative integer, text text)
       join amx.assets a on a.id = v."assetId" left join amx.drafts d on d.asset_id = a.id and v.alternative is not null`,
    [decider.decisionUid, given],
  )
  await tx.rows(
    `update amx.assets a
     set review_state = case v.verdict when 'Accept' then 'Accepted' when 'Skip' then 'Skipped'
         when 'Reject' then 'Rejected' else 'Unreviewed' end,
       chosen_text = v.text, chosen_alternative = v.alternative,
       decided_by = case when v.verdict <> 'Restore' then $1 end,
       decided_at = case when v.verdict <> 'Restore' then now() end,
       decision_uid = case when v.verdict <> 'Restore' then $2 end,
       superseded_by = null, apply_outcome = null, apply_error = null, revision = a.revision + 1
     from amx.decision_items v
     where v.decision_uid = $2 and v.asset_id = any($3::bigint[]) and a.id = v.asset_id`,
    [decider.decidedBy, decider.decisionUid, verdicts.map(({ assetId }) => assetId)],
  )
  await tx.rows(
    `delete from amx.queue q using jsonb_to_recordset($1::jsonb) as v ("assetId" bigint, verdict text)
     where q.asset_id = v."assetId" and v.verdict <> 'Accept'`,
    [given],
  )
  const accepted = verdicts.filter(({ verdict }) => verdict === 'Accept').map(({ assetId }) => assetId)
  return accepted.length === 0 ? 0 : enqueue(tx, accepted)
}

const countOf = { Accept: 'accepted', Skip: 'skipped', Reject: 'rejected', Restore: 'restored' } as const

/** Puts accepted assets into the queue; the entry of another run gives way and its asset says to which. */
async function enqueue(tx: Queryable, assetIds: readonly string[]): Promise<number> {
  const superseded = await tx.rows(
    `with accepted as (
       select a.*, r.namespace from amx.assets a join amx.runs r on r.uid = a.run_uid where a.id = any($1::bigint[])
     ), older as (
       select q.asset_id, accepted.id as newer from amx.queue q join accepted
         on accepted.namespace = q.namespace and accepted.database_key = q.database_key and accepted.path = q.path
       where q.asset_id <> accepted.id
       for update of q
     ), queued as (
       insert into amx.queue (namespace, database_key, path, table_path, kind, asset_id, run_uid, text, expected,
         decided_by, decided_at)
       -- Two targets may be the same database: the first one speaks for it.
       select distinct on (namespace, database_key, path) namespace, database_key, path, table_path, kind, id, run_uid,
         chosen_text, case when ours.text is null then existing_comment else nullif(ours.text, '') end, decided_by, decided_at
       from accepted left join lateral (
         -- A row that was written is revised: what stands there is what we left, not what its drafter saw.
         select c.new_text as text from amx.applied_changes c
         where c.database_key = accepted.database_key and c.path = accepted.path and c.asset_id = accepted.id
           and not c.dry_run and c.outcome in ('Applied', 'AlreadyThere')
         order by c.id desc limit 1
       ) as ours on true
       order by namespace, database_key, path, target_index
       on conflict (namespace, database_key, path) do update
         set kind = excluded.kind, table_path = excluded.table_path, asset_id = excluded.asset_id,
           run_uid = excluded.run_uid, text = excluded.text, expected = excluded.expected,
           decided_by = excluded.decided_by, decided_at = excluded.decided_at, state = 'Queued', error = null,
           unit_id = null, unit_run_uid = null
     )
     update amx.assets a set superseded_by = older.newer, revision = a.revision + 1 from older where a.id = older.asset_id returning a.id`,
    [assetIds],
  )
  return superseded.length
}
