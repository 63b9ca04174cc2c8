import { catalogue, type ErrorReport, type RunExplanation, type RunSummary } from '@amx/api'
import type { Queryable } from '../database.ts'

/** A run with its counters; select {@link summaryColumns} from {@link summaryTables}. */
export interface SummaryRow {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly type: string
  readonly phase: string
  readonly scope_text: string
  readonly model: string | null
  readonly database_profiles: string[]
  readonly started_at: Date
  readonly finished_at: Date | null
  readonly origin: string | null
  readonly archived_at: Date | null
  readonly explanation: RunExplanation | null
  readonly stopped_by: ErrorReport | null
  readonly settings_digest: string
  readonly draft_digest: string | null
  readonly queued: number
  readonly unknown_calls: number
  readonly mean: number | null
  readonly score_tenths: number[]
  readonly score_count: number
  readonly cost: string | null
  readonly price_table: string | null
  readonly tables_total: number
  readonly tables_settled: number
  readonly assets_planned: number
  readonly columns_planned: number
  readonly columns_profiled: number
  readonly columns_drafted: number
  readonly columns_skipped: number
  readonly columns_failed: number
  readonly result_rows: number
  readonly high: number
  readonly medium: number
  readonly low: number
  readonly unbanded: number
  readonly unreviewed: number
  readonly accepted: number
  readonly skipped: number
  readonly rejected: number
  readonly applied: number
  readonly apply_failed: number
  readonly refused: number
  readonly unsupported: number
  readonly deduplicates: boolean
  readonly columns_copied: number
  readonly units_saved: number
  readonly calls: number
  readonly cached_replies: number
  readonly unpriced_calls: number
  readonly input_tokens: string
  readonly cached_input_tokens: string
  readonly output_tokens: string
  readonly reasoning_tokens: string
}

export const summaryTables = 'amx.runs r join amx.progress p on p.run_uid = r.uid'

export const summaryColumns = `r.uid, r.namespace, r.name, r.type, r.phase, r.scope_text, r.settings #>> '{model,model}' as model,
  array(select t ->> 'profileName' from jsonb_array_elements(r.settings -> 'targets') as t) as database_profiles,
  coalesce((r.settings #>> '{generation,deduplicate}')::boolean, false) as deduplicates,
  p.columns_copied, greatest(0, p.units_without_copying - p.units_with_copying) as units_saved,
  r.origin, r.archived_at, r.explanation,
  coalesce(r.fatal_error, case when r.finished then null else r.budget_error end, r.last_error) as stopped_by,
  r.started_at, r.finished_at, r.settings_digest, r.draft_digest,
  (select count(*) from amx.queue q where q.run_uid = r.uid)::integer as queued,
  (select count(*) from amx.calls c left join amx.units u on u.id = c.unit_id
   where c.run_uid = r.uid and c.outcome is null and not c.cached
     and (u.state = 'leased' and u.attempt = c.attempt and u.lease_until >= clock_timestamp()) is not true)::integer
    as unknown_calls,
  (case when p.score_count > 0 then p.score_sum / p.score_count end)::float8 as mean,
  p.score_tenths, p.score_count,
  trim_scale(p.cost_usd)::text as cost, p.price_table,
  p.tables_total, p.tables_settled, p.assets_planned, p.columns_planned, p.columns_profiled, p.columns_drafted,
  p.columns_skipped, p.columns_failed, p.result_rows, p.high, p.medium, p.low, p.unbanded, p.unreviewed, p.accepted,
  p.skipped, p.rejected, p.applied, p.apply_failed, p.refused, p.unsupported, p.calls, p.cached_replies, p.unpriced_calls,
  p.input_tokens, p.cached_input_tokens, p.output_tokens, p.reasoning_tokens`

export function toRunSummary(row: SummaryRow): RunSummary {
  return {
    uid: row.uid,
    namespace: row.namespace,
    name: row.name,
    type: row.type,
    phase: row.phase,
    scope: row.scope_text,
    model: row.model,
    databaseProfiles: row.database_profiles,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    origin: row.origin,
    archivedAt: row.archived_at?.toISOString() ?? null,
    explanation: row.explanation ?? explained(row.stopped_by),
    tables: { total: row.tables_total, settled: row.tables_settled },
    columns: {
      planned: row.columns_planned,
      profiled: row.columns_profiled,
      drafted: row.columns_drafted,
      skipped: row.columns_skipped,
      failed: row.columns_failed,
    },
    confidence: {
      high: row.high,
      medium: row.medium,
      low: row.low,
      none: row.unbanded,
      mean: row.mean,
      ...(row.score_count > 0 ? { histogram: row.score_tenths } : {}),
    },
    ...(row.deduplicates ? { deduplicated: { columns: row.columns_copied, calls: row.units_saved } } : {}),
    review: {
      unreviewed: row.unreviewed,
      accepted: row.accepted,
      skipped: row.skipped,
      rejected: row.rejected,
      queued: row.queued,
    },
    apply: {
      applied: row.applied,
      failed: row.apply_failed,
      refused: row.refused,
      unsupported: row.unsupported,
    },
    cost: {
      // Without a call there is nothing whose price could be unknown.
      amount: row.cost ?? (row.calls === 0 ? '0' : null),
      inputTokens: Number(row.input_tokens),
      cachedInputTokens: Number(row.cached_input_tokens),
      outputTokens: Number(row.output_tokens),
      reasoningTokens: Number(row.reasoning_tokens),
      calls: row.calls + row.unknown_calls,
      cachedReplies: row.cached_replies,
      unknownCalls: row.unknown_calls,
      unpricedCalls: row.unpriced_calls,
      priceTable: row.price_table,
    },
    draftDigest: row.draft_digest,
    settingsDigest: row.settings_digest,
  }
}

function explained(error: ErrorReport | null): RunExplanation | null {
  if (error === null) return null
  return { reason: catalogue[error.code]?.reason ?? error.code, ...error }
}

/** A run by its name, the newest of that name unless a uid says which; null when there is none. */
export async function findRun(
  on: Queryable,
  namespace: string,
  name: string,
  uid: string | null,
): Promise<RunSummary | null> {
  const [row] = await on.rows<SummaryRow>(
    `select ${summaryColumns} from ${summaryTables}
     where r.namespace = $1 and r.name = $2 and ($3::text is null or r.uid = $3)
     order by r.started_at desc limit 1`,
    [namespace, name, uid],
  )
  return row === undefined ? null : toRunSummary(row)
}
