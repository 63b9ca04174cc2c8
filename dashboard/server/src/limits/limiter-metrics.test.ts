import type { ModelLimits } from '@amx/store'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { type LimiterSource, registerLimiterMetrics } from './limiter-metrics.ts'
import { createMemoryLimiter } from './memory-limiter.ts'

const limits: ModelLimits = { concurrency: 8, requestsPerMinute: 60, tokensPerMinute: 0 }

async function scraped(source: LimiterSource): Promise<string> {
  const registry = new Registry()
  registerLimiterMetrics(registry, source)
  return registry.metrics()
}

test('the metrics show each profile as it is used, and no limit that it has not', async () => {
  const limiter = createMemoryLimiter()
  await limiter.tell('team/gpt', limits, { type: 'Claim', wanted: 1, live: 0 })
  await limiter.tell('team/gpt', limits, { type: 'Retry', cause: 'RateLimited', retryAfterMs: 30_000, again: false })
  const text = await scraped({ ...limiter, mode: () => 'Memory' })
  expect(text).toContain('amx_model_limiter_concurrency{profile="team/gpt"} 8')
  expect(text).toContain('amx_model_limiter_ceiling{profile="team/gpt"} 7.5')
  expect(text).toMatch(/amx_model_limiter_pause_seconds\{profile="team\/gpt"\} 2[0-9]/)
  expect(text).toMatch(/amx_model_limiter_requests\{profile="team\/gpt"\} 0\.\d/)
  expect(text).not.toContain('amx_model_limiter_tokens{')
  expect(text).toContain('amx_model_limiter_degraded 0')
})

test('a replica that lost Redis says so', async () => {
  expect(await scraped({ readings: () => [], mode: () => 'Alone' })).toContain('amx_model_limiter_degraded 1')
})
