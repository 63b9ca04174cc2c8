import type { Accepted, ProfileTestAssignment, ProfileTestReport, ProfileTestSettings, TestCall } from '@amx/api'
import type { Database, Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import type { TesterIdentity } from './contract.ts'

interface TestRow {
  readonly kind: ProfileTestAssignment['profile']['kind']
  readonly namespace: string
  readonly name: string
  readonly settings: ProfileTestSettings
}

/** What a test pod is to try; null when the test is over or unknown. */
export async function readProfileTest(
  database: Database,
  { profileUid, number, part }: TesterIdentity,
  signal?: AbortSignal,
): Promise<ProfileTestAssignment | null> {
  signal?.throwIfAborted()
  const [row] = await database.rows<TestRow>(
    `select kind, namespace, name, settings from amx.profile_tests
     where profile_uid = $1 and number = $2 and part = $3 and ended_at is null`,
    [profileUid, number, part],
  )
  if (row === undefined) return null
  const { kind, namespace, name, settings } = row
  return { profile: { kind, namespace, name }, settings }
}

/** Ends a part of a test by what its pod reports; false when it had ended. What was called is accounted for all the same, once. */
export async function recordProfileTest(
  database: Database,
  { profileUid, number, part }: TesterIdentity,
  { finding, error, calls }: ProfileTestReport,
  signal?: AbortSignal,
): Promise<Accepted> {
  return database.transaction(async (tx) => {
    const ended = await tx.rows(
      `update amx.profile_tests set ended_at = now(), finding = $4, error = $5
       where profile_uid = $1 and number = $2 and part = $3 and ended_at is null returning number`,
      [
        ...[profileUid, number, part],
        finding === null ? null : jsonParameter(finding),
        error === null ? null : jsonParameter(error),
      ],
    )
    const [test] = await tx.rows<TestRow>(
      `select kind, namespace, name, settings from amx.profile_tests
       where profile_uid = $1 and number = $2 and part = $3`,
      [profileUid, number, part],
    )
    if (test !== undefined) for (const call of calls) await accountFor(tx, test, call)
    return { recorded: ended.length > 0 }
  }, signal)
}

async function accountFor(tx: Queryable, { namespace, name, settings }: TestRow, call: TestCall): Promise<void> {
  const { usage, error, ...outcome } = call.outcome
  const price = settings.part === 'Model' ? settings.model.price : null
  await tx.rows(
    `insert into amx.profile_test_calls
       (call_id, namespace, profile_name, purpose, provider, model, price, begun_at, outcome, input_tokens,
        cached_input_tokens, output_tokens, reasoning_tokens, cost_usd, price_table, latency_ms, tries, error)
     values ($1, $2, $3, $4, $5, $6, $7, now() - $8 * interval '1 millisecond', $9, $10, $11, $12, $13, $14, $15, $8, $16, $17)
     on conflict do nothing`,
    [
      ...[call.callId, namespace, name, call.purpose, call.provider, call.model],
      price === null ? null : jsonParameter(price),
      ...[outcome.latencyMs, outcome.outcome],
      ...[usage?.inputTokens ?? null, usage?.cachedInputTokens ?? null],
      ...[usage?.outputTokens ?? null, usage?.reasoningTokens ?? null],
      ...[outcome.costUsd, outcome.priceTable, outcome.tries],
      error === null ? null : jsonParameter(error),
    ],
  )
}
