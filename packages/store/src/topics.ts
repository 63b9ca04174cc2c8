import type { Stage } from '@amx/api'
import type { Queryable } from './database.ts'

// Two channels. Notifications of a transaction are sent at its commit, equal ones once.

/** Payload: uid of a run about which something changed. */
export const runChannel = 'amx_run_changed'
/** Payload: a topic that a waiting claim listens to. */
export const unitChannel = 'amx_unit_ready'

export const everyStage: readonly Stage[] = ['profile', 'draft', 'apply']

/** The topic of a run's stage: units came, came back or ended, or the run goes on or stops. */
export function stageTopic(runUid: string, stage: Stage): string {
  return `run:${runUid}:${stage}`
}

/** The topic of an LLMProfile's limit: a unit that counted against it ended. */
export function llmTopic(llmKey: string): string {
  return `llm:${llmKey}`
}

/** Tells operators and event streams that a run changed. */
export async function announceRun(on: Queryable, runUid: string): Promise<void> {
  await on.rows('select pg_notify($1, $2)', [runChannel, runUid])
}

/** Wakes the claims that wait for one of the topics, and tells everybody else that the run changed. */
export async function announceWork(on: Queryable, runUid: string, topics: readonly string[]): Promise<void> {
  await on.rows(
    `select pg_notify(channel, payload)
     from (values ($1, $2)) as run (channel, payload)
     union all
     select pg_notify($3, topic) from unnest($4::text[]) as topics (topic)`,
    [runChannel, runUid, unitChannel, topics],
  )
}
