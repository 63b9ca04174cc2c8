import {
  type Accepted,
  AmxError,
  type CallIntent,
  type CallOutcome,
  type CallPermit,
  type CallRetry,
  type RetryPermit,
} from '@amx/api'
import type { WorkerIdentity } from '../contract.ts'
import type { Database, Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import { announceRun, announceWork, llmTopic, runChannel } from '../topics.ts'
import { admitCall, type BudgetOptions } from './budget-gate.ts'
import { isRated, type LimitsRow, limitsColumns, limitsOf, type ModelLimiter } from './model-limiter.ts'
import { isId } from './unit-row.ts'

/**
 * Records the intent of a model call before it is made. Gives the stored reply when the very same request was answered before:
 * nothing is paid for twice. A run that asks for other texts takes replies to its own requests alone. The permit says how
 * long the call waits for room under the limits of its LLMProfile. Throws AMX-9003 when the unit belongs to somebody else by
 * now, AMX-1030 when the run's budget does not leave what the call will take.
 */
export async function beginCall(
  database: Database,
  limiter: ModelLimiter,
  worker: WorkerIdentity,
  intent: CallIntent,
  budgets: BudgetOptions,
  signal?: AbortSignal,
): Promise<CallPermit> {
  if (!isId(intent.unitId)) throw new AmxError('AMX-1013', { what: `work unit ${intent.unitId}` })
  return database.transaction(async (tx) => {
    const [known] = await tx.rows<KnownCall>(
      `select u.attempt = $3 and u.state in ('waiting', 'leased') as held, coalesce(c.reply, own.reply) as reply, u.reserved_tokens::float8,
         exists (select from amx.calls where call_id = $7) as begun, r.budget is not null as budgeted, ${limitsColumns}
       from amx.units u join amx.runs r on r.uid = u.run_uid
         left join amx.reply_cache c
           on c.namespace = r.namespace and c.provider = $4 and c.model = $5 and c.request_digest = $6
             and r.type not in ('Rerun', 'Variations')
         left join lateral (
           select o.reply from amx.calls o
           where o.run_uid = r.uid and r.type in ('Rerun', 'Variations') and o.provider = $4 and o.model = $5
             and o.request_digest = $6 and o.outcome = 'Succeeded' and o.reply ->> 'finishReason' = 'stop'
           order by o.begun_at desc limit 1
         ) as own on true
       where u.id = $2 and u.run_uid = $1`,
      [
        worker.runUid,
        intent.unitId,
        intent.attempt,
        intent.provider,
        intent.model,
        intent.requestDigest,
        intent.callId,
      ],
    )
    if (known === undefined) throw new AmxError('AMX-1013', { what: `work unit ${intent.unitId}` })
    if (!known.held) throw new AmxError('AMX-9003', { unit: intent.unitId })
    const cached = known.reply !== null
    const asked = !cached && !known.begun && known.budgeted
    const expected = asked ? await admitCall(tx, worker, intent, budgets) : null
    const room = await takeRoom(tx, limiter, worker, intent, known)
    // One statement, for the counters of a run are held until the end of the transaction and every call passes here.
    await tx.rows(
      `with begun as (
         insert into amx.calls
           (call_id, run_uid, unit_id, attempt, purpose, provider, model, request_digest, messages, cached, reply,
            reserved_tokens, estimated_tokens, estimated_cost_usd)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict (call_id) do nothing
         returning run_uid, cached
       ), counted as (
         update amx.progress p set cached_replies = cached_replies + 1 from begun
         where p.run_uid = begun.run_uid and begun.cached returning p.run_uid
       )
       select pg_notify($15, run_uid) from counted`,
      [
        intent.callId,
        worker.runUid,
        intent.unitId,
        intent.attempt,
        intent.purpose,
        intent.provider,
        intent.model,
        intent.requestDigest,
        jsonParameter(intent.messages),
        cached,
        cached ? jsonParameter(known.reply) : null,
        room.reservedTokens,
        expected?.tokens ?? null,
        expected?.costUsd ?? null,
        runChannel,
      ],
    )
    return { cachedReply: known.reply, ...(room.waitMs > 0 ? { waitMs: room.waitMs } : {}) }
  }, signal)
}

interface KnownCall extends LimitsRow {
  readonly held: boolean
  readonly begun: boolean
  readonly budgeted: boolean
  readonly reply: CallPermit['cachedReply']
  readonly reserved_tokens: number | null
}

/** The room that the claim left for the unit's first call, or room beyond it; a stored reply needs none. */
async function takeRoom(
  tx: Queryable,
  limiter: ModelLimiter,
  worker: WorkerIdentity,
  { unitId }: CallIntent,
  known: KnownCall,
): Promise<{ readonly reservedTokens: number | null; readonly waitMs: number }> {
  const { llm_key: llmKey, reserved_tokens: ofUnit } = known
  const limits = limitsOf(known)
  if (llmKey === null || known.begun) return { reservedTokens: null, waitMs: 0 }
  if (known.reply !== null) {
    if (ofUnit === null) return { reservedTokens: null, waitMs: 0 }
    await tx.rows('update amx.units set reserved_tokens = null where id = $1', [unitId])
    await limiter.tell(llmKey, limits, { type: 'GiveBack', requests: 1, tokens: ofUnit })
    await announceWork(tx, worker.runUid, [llmTopic(llmKey)])
    return { reservedTokens: null, waitMs: 0 }
  }
  if (ofUnit !== null) await tx.rows('update amx.units set reserved_tokens = null where id = $1', [unitId])
  const beyond = isRated(limits) && ofUnit === null
  const answer = await limiter.tell(llmKey, limits, { type: 'CallBegun', room: beyond ? 'Beyond' : 'OfUnit' })
  return { reservedTokens: beyond ? answer.tokensEach : ofUnit, waitMs: answer.waitMs ?? 0 }
}

/** Tells the limiter of a try that failed for a passing cause; gives how long another has to wait for room. */
export async function retryCall(
  database: Database,
  limiter: ModelLimiter,
  worker: WorkerIdentity,
  callId: string,
  retry: CallRetry,
  signal?: AbortSignal,
): Promise<RetryPermit> {
  signal?.throwIfAborted()
  const [row] = await database.rows<LimitsRow>(
    `select ${limitsColumns} from amx.calls c join amx.runs r on r.uid = c.run_uid
     where c.call_id = $1 and c.run_uid = $2 and c.outcome is null and not c.cached`,
    [callId, worker.runUid],
  )
  if (row === undefined) throw new AmxError('AMX-1013', { what: `call ${callId} of this run` })
  if (row.llm_key === null) return { waitMs: 0 }
  const { waitMs } = await limiter.tell(row.llm_key, limitsOf(row), { type: 'Retry', ...retry })
  return { waitMs: waitMs ?? 0 }
}

/** Records what a call gave and cost, once. It counts whoever holds the unit by now: it was paid for. */
export async function endCall(
  database: Database,
  limiter: ModelLimiter,
  worker: WorkerIdentity,
  callId: string,
  outcome: CallOutcome,
  signal?: AbortSignal,
): Promise<Accepted> {
  const { usage } = outcome
  const reusable = outcome.outcome === 'Succeeded' && outcome.reply?.finishReason === 'stop'
  const ended = await database.transaction(async (tx) => {
    const [row] = await tx.rows<LimitsRow & { ended: boolean; reserved_tokens: number | null }>(
      `with ended as (
         update amx.calls set ended_at = clock_timestamp(), outcome = $3, reply = coalesce($4, reply),
           input_tokens = $5, cached_input_tokens = $6, output_tokens = $7, reasoning_tokens = $8,
           cost_usd = $9, price_table = $10, request_id = $11, latency_ms = $12, tries = $13, error = $14, batch = $16
         where call_id = $1 and run_uid = $2 and outcome is null and not cached
         returning *
       ), counted as (
         update amx.progress p
         set calls = p.calls + 1,
           unpriced_calls = p.unpriced_calls + (ended.cost_usd is null and (ended.input_tokens is not null or ended.reply is not null))::integer,
           cost_usd = case when ended.cost_usd is null then p.cost_usd else coalesce(p.cost_usd, 0) + ended.cost_usd end,
           price_table = coalesce(ended.price_table, p.price_table),
           input_tokens = p.input_tokens + coalesce(ended.input_tokens, 0),
           cached_input_tokens = p.cached_input_tokens + coalesce(ended.cached_input_tokens, 0),
           output_tokens = p.output_tokens + coalesce(ended.output_tokens, 0),
           reasoning_tokens = p.reasoning_tokens + coalesce(ended.reasoning_tokens, 0)
         from ended where p.run_uid = ended.run_uid
       ), kept as (
         insert into amx.reply_cache (namespace, provider, model, request_digest, reply)
         select r.namespace, ended.provider, ended.model, ended.request_digest, ended.reply
         from ended join amx.runs r on r.uid = ended.run_uid where $15
         on conflict do nothing
       )
       select exists (select from ended) as ended, c.reserved_tokens::float8, ${limitsColumns}
       from amx.calls c join amx.runs r on r.uid = c.run_uid where c.call_id = $1 and c.run_uid = $2`,
      [
        callId,
        worker.runUid,
        outcome.outcome,
        outcome.reply === null ? null : jsonParameter(outcome.reply),
        usage?.inputTokens ?? null,
        usage?.cachedInputTokens ?? null,
        usage?.outputTokens ?? null,
        usage?.reasoningTokens ?? null,
        outcome.costUsd,
        outcome.priceTable,
        outcome.requestId,
        outcome.latencyMs,
        outcome.tries,
        outcome.error === null ? null : jsonParameter(outcome.error),
        reusable,
        outcome.batch ?? false,
      ],
    )
    if (row === undefined) throw new AmxError('AMX-1013', { what: `call ${callId} of this run` })
    if (row.ended) await announceRun(tx, worker.runUid)
    return row
  }, signal)
  if (ended.ended && ended.llm_key !== null) {
    await limiter.tell(ended.llm_key, limitsOf(ended), {
      type: 'CallEnded',
      reservedTokens: ended.reserved_tokens ?? 0,
      usedTokens: usage === null ? null : usage.inputTokens + usage.outputTokens,
      outcome: outcome.outcome === 'Failed' && outcome.reply === null ? 'Failed' : 'Answered',
    })
  }
  return { recorded: ended.ended }
}
