import type { RunStatistics, StatisticsRow, StatisticsUnit } from '@amx/api'
import type { Database } from '../database.ts'
import { summaryTables } from '../runs/run-summary.ts'
import { editedRows, policyRows } from './edited-rows.ts'

export interface StatisticsQuery {
  readonly namespace: string
  /** Runs that began at this time or later. */
  readonly since: Date
  readonly until: Date
  readonly by: StatisticsUnit
}

// Times are cut in UTC, as everything the store tells.
const groupOf: Readonly<Record<StatisticsUnit, string>> = {
  model: `coalesce((r.settings #>> '{model,provider}') || '/' || (r.settings #>> '{model,model}'), '(none)')`,
  profile: `coalesce(r.settings #>> '{model,profileName}', '(none)')`,
  database: `coalesce((select string_agg(t ->> 'profileName', ', ') from jsonb_array_elements(r.settings -> 'targets') as t), '(none)')`,
  type: 'r.type',
  origin: `coalesce(r.origin, '(none)')`,
  day: `to_char(r.started_at at time zone 'UTC', 'YYYY-MM-DD')`,
  week: `to_char(r.started_at at time zone 'UTC', 'IYYY-"W"IW')`,
  month: `to_char(r.started_at at time zone 'UTC', 'YYYY-MM')`,
}

interface SumRow extends Omit<StatisticsRow, 'group' | 'acceptanceRate' | 'editRate' | 'inputTokens' | 'outputTokens'> {
  /** Null for all groups together. */
  readonly key: string | null
  readonly inputTokens: string
  readonly outputTokens: string
}

const sums = `count(*)::integer as runs, count(*) filter (where phase = 'Failed')::integer as "failedRuns",
  coalesce(sum(columns_planned), 0)::integer as "columnsPlanned",
  coalesce(sum(columns_drafted), 0)::integer as "columnsDrafted",
  coalesce(sum(high + medium + low + unbanded), 0)::integer as rows, coalesce(sum(accepted), 0)::integer as accepted,
  coalesce(sum(by_policy), 0)::integer as "acceptedByPolicy", coalesce(sum(edited), 0)::integer as edited,
  coalesce(sum(rejected), 0)::integer as rejected, coalesce(sum(applied), 0)::integer as written,
  (sum(score_sum) / nullif(sum(score_count), 0))::float8 as "meanConfidence",
  coalesce(sum(calls), 0)::integer as calls, coalesce(sum(input_tokens), 0)::text as "inputTokens",
  coalesce(sum(output_tokens), 0)::text as "outputTokens", trim_scale(sum(cost_usd))::text as cost,
  trim_scale(round(sum(cost_usd) / nullif(sum(accepted), 0), 6))::text as "costPerAccepted",
  coalesce(sum(unpriced_calls), 0)::integer as "unpricedCalls"`

/** What runs of a time made and what became of it, added up: times in their order, everything else the busiest first. */
export async function readStatistics(
  database: Database,
  query: StatisticsQuery,
  signal?: AbortSignal,
): Promise<RunStatistics> {
  signal?.throwIfAborted()
  const { namespace, since, until, by } = query
  const rows = await database.rows<SumRow>(
    `select key, ${sums} from (
       select ${groupOf[by]} as key, r.phase, p.*, ${editedRows} as edited, ${policyRows} as by_policy
       from ${summaryTables} where r.namespace = $1 and r.started_at >= $2 and r.started_at < $3
     ) as counted group by grouping sets ((key), ())`,
    [namespace, since, until],
  )
  const total = rows.find(({ key }) => key === null)
  if (total === undefined) throw new Error('a sum over everything always gives a row')
  const groups = rows.filter(({ key }) => key !== null).map(toRow)
  const inTime = by === 'day' || by === 'week' || by === 'month'
  groups.sort((one, other) => (inTime ? 0 : other.rows - one.rows) || (one.group < other.group ? -1 : 1))
  return { since: since.toISOString(), until: until.toISOString(), by, groups, total: toRow(total) }
}

function toRow({ key, inputTokens, outputTokens, ...row }: SumRow): StatisticsRow {
  return {
    group: key ?? 'total',
    ...row,
    acceptanceRate: share(row.accepted, row.accepted + row.rejected),
    editRate: share(row.edited, row.accepted),
    inputTokens: Number(inputTokens),
    outputTokens: Number(outputTokens),
  }
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
