import type { Clock } from '../clock/clock.ts'

/** How many events an object may still have. */
export interface EventBudget {
  /** Whether one more event about the object may be written now. */
  spend(object: string): boolean
}

interface Bucket {
  left: number
  atMs: number
}

const burst = 25
const refillMs = 30_000
const mostObjects = 4_096

/** A bucket per object: 25 events at once, then one every 30 s. The objects heard of longest ago are forgotten. */
export function createEventBudget(clock: Clock): EventBudget {
  const buckets = new Map<string, Bucket>()
  return {
    spend(object) {
      const nowMs = clock.now()
      const bucket = buckets.get(object) ?? { left: burst, atMs: nowMs }
      const left = Math.min(burst, bucket.left + (nowMs - bucket.atMs) / refillMs)
      const enough = left >= 1
      buckets.delete(object)
      buckets.set(object, { left: enough ? left - 1 : left, atMs: nowMs })
      if (buckets.size > mostObjects) {
        const [oldest] = buckets.keys()
        if (oldest !== undefined) buckets.delete(oldest)
      }
      return enough
    },
  }
}
