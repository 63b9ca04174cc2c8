import {
  type Accepted,
  AmxError,
  type OpenProviderBatches,
  type ProviderBatchIntent,
  type ProviderBatchUpdate,
} from '@amx/api'
import type { WorkerIdentity } from '../contract.ts'
import { type Database, oneRow } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'

interface BatchRow {
  readonly batch_id: string
  readonly provider_batch_id: string | null
  readonly created_at: string
  readonly calls: OpenProviderBatches['batches'][number]['calls']
}

/** Batches of the run that are not ended, oldest first, with their calls that have no outcome. */
export async function readOpenBatches(
  database: Database,
  worker: WorkerIdentity,
  signal?: AbortSignal,
): Promise<OpenProviderBatches> {
  signal?.throwIfAborted()
  const rows = await database.rows<BatchRow>(
    `select b.batch_id, b.provider_batch_id, to_json(b.created_at) #>> '{}' as created_at,
       coalesce(jsonb_agg(jsonb_build_object('callId', c.call_id, 'requestDigest', c.request_digest)
         order by c.begun_at, c.call_id) filter (where c.call_id is not null), '[]') as calls
     from amx.provider_batches b
       left join amx.calls c on c.batch_id = b.batch_id and c.outcome is null
     where b.run_uid = $1 and b.state in ('Submitting', 'Working')
     group by b.batch_id order by b.created_at, b.batch_id`,
    [worker.runUid],
  )
  const batches = rows.map((row) => ({
    batchId: row.batch_id,
    providerBatchId: row.provider_batch_id,
    createdAt: row.created_at,
    calls: row.calls,
  }))
  return { batches }
}

/** Writes a batch down before it is sent. Throws AMX-1013 when one of its calls is not an open call of the run. */
export async function recordBatchIntent(
  database: Database,
  worker: WorkerIdentity,
  { batchId, callIds }: ProviderBatchIntent,
  signal?: AbortSignal,
): Promise<Accepted> {
  return database.transaction(async (tx) => {
    const inserted = await tx.rows(
      'insert into amx.provider_batches (batch_id, run_uid) values ($1, $2) on conflict do nothing returning batch_id',
      [batchId, worker.runUid],
    )
    if (inserted.length === 0) return { recorded: false }
    const calls = await tx.rows(
      `update amx.calls set batch_id = $1
       where call_id = any ($3::uuid[]) and run_uid = $2 and outcome is null and not cached returning call_id`,
      [batchId, worker.runUid, callIds],
    )
    if (calls.length !== callIds.length)
      throw new AmxError('AMX-1013', { what: `an open call among the ${callIds.length} of batch ${batchId}` })
    return { recorded: true }
  }, signal)
}

/** Records how far a batch is. Calls of a failed one were never made: they end as failed, without cost. */
export async function updateBatch(
  database: Database,
  worker: WorkerIdentity,
  batchId: string,
  update: ProviderBatchUpdate,
  signal?: AbortSignal,
): Promise<Accepted> {
  return database.transaction(async (tx) => {
    const name = update.state === 'Working' ? update.providerBatchId : null
    const row = await oneRow<{ known: boolean; changed: boolean }>(
      tx,
      `with changed as (
         update amx.provider_batches
         set state = $3, provider_batch_id = coalesce($4, provider_batch_id),
           ended_at = case when $3 = 'Working' then null else clock_timestamp() end
         where batch_id = $1 and run_uid = $2 and state in ('Submitting', 'Working')
         returning batch_id
       )
       select exists (select from amx.provider_batches where batch_id = $1 and run_uid = $2) as known,
         exists (select from changed) as changed`,
      [batchId, worker.runUid, update.state, name],
    )
    if (!row.known) throw new AmxError('AMX-1013', { what: `batch ${batchId} of this run` })
    if (row.changed && update.state === 'Failed') {
      const error = new AmxError('AMX-3005', { provider: 'the provider', detail: 'it took none of the batch' })
      await tx.rows(
        `update amx.calls set outcome = 'Failed', ended_at = clock_timestamp(), tries = 0, error = $2
         where batch_id = $1 and outcome is null`,
        [batchId, jsonParameter(error.report())],
      )
    }
    return { recorded: row.changed }
  }, signal)
}
