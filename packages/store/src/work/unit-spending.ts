import { oneRow, type Queryable } from '../database.ts'

/** What the model calls of one unit took, over all its attempts; as the event of its batch carries it. */
export interface UnitSpending {
  readonly calls: number
  /** Calls answered from the reply cache: nothing was sent or paid. */
  readonly cachedReplies: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** US dollars as decimal text; null when there were calls and none could be priced. */
  readonly costUsd: string | null
  /** From the first call to the last answer; null without a call. */
  readonly durationMs: number | null
}

export function readUnitSpending(tx: Queryable, unitId: string): Promise<UnitSpending> {
  return oneRow<UnitSpending>(
    tx,
    `select count(*) filter (where not cached)::integer as calls, count(*) filter (where cached)::integer as "cachedReplies",
       coalesce(sum(input_tokens), 0)::float8 as "inputTokens", coalesce(sum(output_tokens), 0)::float8 as "outputTokens",
       case when count(*) filter (where not cached) = 0 then '0' else sum(cost_usd)::text end as "costUsd",
       round(extract(epoch from max(ended_at) filter (where not cached) - min(begun_at) filter (where not cached)) * 1000)::float8
         as "durationMs"
     from amx.calls where unit_id = $1`,
    [unitId],
  )
}
