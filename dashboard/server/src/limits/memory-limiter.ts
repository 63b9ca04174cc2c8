import type { LimiterAnswer, LimiterEvent, ModelLimiter, ModelLimits } from '@amx/store'
import { freshLimiter, type LimiterState, stepLimiter } from './limiter-state.ts'

/** A limiter as it stands now, for metrics. */
export interface LimiterReading {
  readonly llmKey: string
  readonly limits: ModelLimits
  readonly state: LimiterState
  /** Of `performance.now()`. */
  readonly seenAtMs: number
}

/** A limiter that can be looked at. */
export interface ReadableLimiter extends ModelLimiter {
  /** Every profile heard of within the last hour. */
  readings(): readonly LimiterReading[]
  close(): Promise<void>
}

/** Forgotten after this long without a word: buckets are full again by then, and the ceiling starts anew. */
export const forgottenAfterMs = 3_600_000

/** Limits the calls of one server: enough while there is one replica. */
export function createMemoryLimiter(nowMs: () => number = () => performance.now()): ReadableLimiter {
  const known = new Map<string, LimiterReading>()

  function tell(llmKey: string, limits: ModelLimits, event: LimiterEvent): LimiterAnswer {
    const now = nowMs()
    const state = known.get(llmKey)?.state ?? freshLimiter(limits, now)
    const next = stepLimiter(state, limits, event, now)
    known.set(llmKey, { llmKey, limits, state: next.state, seenAtMs: performance.now() })
    return next.answer
  }

  return {
    tell: async (llmKey, limits, event) => tell(llmKey, limits, event),
    readings() {
      return recentReadings(known)
    },
    async close() {},
  }
}

/** What was heard of lately; the rest is forgotten. */
export function recentReadings(known: Map<string, LimiterReading>): readonly LimiterReading[] {
  const oldest = performance.now() - forgottenAfterMs
  for (const [llmKey, { seenAtMs }] of known) if (seenAtMs < oldest) known.delete(llmKey)
  return [...known.values()]
}
