import type { PriceTable, UsageReport, UsageRow, UsageUnit } from '@amx/api'
import type { Database } from '../database.ts'
import { readCostToday } from './cost-today.ts'

export interface UsageQuery {
  /** Null: every namespace. */
  readonly namespace: string | null
  readonly since: Date
  readonly until: Date
  readonly by: UsageUnit
  /** Adds what the same calls would cost by this table; absent: not asked. */
  readonly today?: PriceTable
}

// Times are cut in UTC, as everything the store tells.
const groupOf: Readonly<Record<UsageUnit, string>> = {
  model: `c.provider || '/' || c.model`,
  profile: `coalesce(c.profile_key, '(none)')`,
  namespace: 'c.namespace',
  database: `coalesce(c.databases, '(none)')`,
  run: `coalesce(c.run_name, '(test of a profile)')`,
  purpose: 'c.purpose',
  hour: `to_char(date_trunc('hour', c.begun_at at time zone 'UTC'), 'YYYY-MM-DD"T"HH24":00Z"')`,
  day: `to_char(c.begun_at at time zone 'UTC', 'YYYY-MM-DD')`,
  week: `to_char(c.begun_at at time zone 'UTC', 'IYYY-"W"IW')`,
}

const inWindow = `from amx.usage_calls c
  where ($1::text is null or c.namespace = $1) and c.begun_at >= $2 and c.begun_at < $3`

const ended = 'c.outcome is not null and not c.cached'

const sums = `count(distinct c.run_uid)::integer as runs,
  count(*) filter (where ${ended} or c.lost)::integer as calls,
  count(*) filter (where c.cached)::integer as cached_replies,
  coalesce(sum(c.input_tokens), 0)::float8 as input_tokens,
  coalesce(sum(c.cached_input_tokens), 0)::float8 as cached_input_tokens,
  coalesce(sum(c.output_tokens), 0)::float8 as output_tokens,
  coalesce(sum(c.reasoning_tokens), 0)::float8 as reasoning_tokens,
  trim_scale(sum(c.cost_usd))::text as cost,
  count(*) filter (where ${ended} and c.cost_usd is null and (c.input_tokens is not null or c.answered))::integer
    as unpriced_calls,
  count(*) filter (where c.lost)::integer as unknown_calls`

interface SumRow {
  /** Null for all groups together. */
  readonly key: string | null
  readonly runs: number
  readonly calls: number
  readonly cached_replies: number
  readonly input_tokens: number
  readonly cached_input_tokens: number
  readonly output_tokens: number
  readonly reasoning_tokens: number
  readonly cost: string | null
  readonly unpriced_calls: number
  readonly unknown_calls: number
}

/** What models were asked in a time and what it cost, added up: times in their order, everything else the dearest first. */
export async function readUsage(database: Database, query: UsageQuery, signal?: AbortSignal): Promise<UsageReport> {
  signal?.throwIfAborted()
  const { namespace, since, until, by, today } = query
  const window = [namespace, since, until]
  const [rows, todays] = await Promise.all([
    database.rows<SumRow>(
      `select key, ${sums} from (select ${groupOf[by]} as key, c.* ${inWindow}) as c group by grouping sets ((key), ())`,
      window,
    ),
    today === undefined ? null : readCostToday(database, { key: groupOf[by], from: inWindow }, window, today, until),
  ])
  const toRow = (row: SumRow): UsageRow => ({
    group: row.key ?? 'total',
    runs: row.runs,
    calls: row.calls,
    cachedReplies: row.cached_replies,
    inputTokens: row.input_tokens,
    cachedInputTokens: row.cached_input_tokens,
    outputTokens: row.output_tokens,
    reasoningTokens: row.reasoning_tokens,
    cost: row.cost,
    ...(todays !== null && { costToday: todays.get(row.key) ?? null }),
    unpricedCalls: row.unpriced_calls,
    unknownCalls: row.unknown_calls,
  })
  const total = rows.find(({ key }) => key === null)
  const groups = rows.filter(({ key }) => key !== null).map(toRow)
  return {
    since: since.toISOString(),
    until: until.toISOString(),
    by,
    groups: groups.sort(isTime(by) ? byName : byCost),
    total: toRow(total ?? nothing),
  }
}

const nothing: SumRow = {
  key: null,
  runs: 0,
  calls: 0,
  cached_replies: 0,
  input_tokens: 0,
  cached_input_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
  cost: null,
  unpriced_calls: 0,
  unknown_calls: 0,
}

const isTime = (by: UsageUnit): boolean => by === 'hour' || by === 'day' || by === 'week'
const byName = (one: UsageRow, other: UsageRow): number => (one.group < other.group ? -1 : 1)

function byCost(one: UsageRow, other: UsageRow): number {
  const cost = Number(other.cost ?? -1) - Number(one.cost ?? -1)
  return cost || other.inputTokens - one.inputTokens || byName(one, other)
}
