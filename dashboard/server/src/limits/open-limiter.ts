import type { Logger } from 'pino'
import type { LimiterSource } from './limiter-metrics.ts'
import { createMemoryLimiter, type ReadableLimiter } from './memory-limiter.ts'
import { createRedisLimiter } from './redis-limiter.ts'

/** The limiter of model calls: in Redis where one is configured, in memory else. */
export function openLimiter(redisUrl: string | null, logger: Logger): ReadableLimiter & LimiterSource {
  if (redisUrl !== null) return createRedisLimiter({ url: redisUrl, logger })
  return { ...createMemoryLimiter(), mode: () => 'Memory' }
}
