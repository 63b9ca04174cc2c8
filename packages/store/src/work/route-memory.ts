import { type Accepted, digestOf, type ModelSettings, type RouteMemory } from '@amx/api'
import type { WorkerIdentity } from '../contract.ts'
import type { Database } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'

// Servers are updated: what one refused a week ago is tried again.
const memoryLife = `interval '7 days'`

interface RouteKey {
  readonly namespace: string
  readonly model: ModelSettings
}

/** What pods learnt within a week of the server behind the LLMProfile of the worker's run; null when nothing. */
export async function readRouteMemory(
  database: Database,
  worker: WorkerIdentity,
  signal?: AbortSignal,
): Promise<RouteMemory | null> {
  const key = await routeKey(database, worker, signal)
  if (key === null) return null
  const [row] = await database.rows<{ memory: RouteMemory }>(
    `select memory from amx.route_memory
     where namespace = $1 and profile_name = $2 and route_digest = $3 and learnt_at > now() - ${memoryLife}`,
    [key.namespace, key.model.profileName, routeDigest(key.model)],
  )
  return row?.memory ?? null
}

/** Keeps what a pod learnt; the last word counts. A run without a model has nothing to learn. */
export async function recordRouteMemory(
  database: Database,
  worker: WorkerIdentity,
  memory: RouteMemory,
  signal?: AbortSignal,
): Promise<Accepted> {
  const key = await routeKey(database, worker, signal)
  if (key === null) return { recorded: false }
  await database.rows(
    `insert into amx.route_memory (namespace, profile_name, route_digest, memory) values ($1, $2, $3, $4)
     on conflict (namespace, profile_name, route_digest) do update set memory = excluded.memory, learnt_at = now()`,
    [key.namespace, key.model.profileName, routeDigest(key.model), jsonParameter(memory)],
  )
  return { recorded: true }
}

async function routeKey(
  database: Database,
  worker: WorkerIdentity,
  signal: AbortSignal | undefined,
): Promise<RouteKey | null> {
  signal?.throwIfAborted()
  const [row] = await database.rows<{ namespace: string; model: ModelSettings | null }>(
    `select namespace, settings -> 'model' as model from amx.runs where uid = $1`,
    [worker.runUid],
  )
  return row === undefined || row.model === null ? null : { namespace: row.namespace, model: row.model }
}

function routeDigest({ provider, model, baseURL }: ModelSettings): string {
  return digestOf({ provider, model, baseURL })
}
