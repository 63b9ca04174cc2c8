import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningRedis, startRedis } from '@amx/hack'
import type { LimiterEvent, ModelLimits } from '@amx/store'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { createRedisLimiter } from './redis-limiter.ts'

const limits: ModelLimits = { concurrency: 1_000, requestsPerMinute: 60, tokensPerMinute: 0 }
const claim: LimiterEvent = { type: 'Claim', wanted: 5, live: 0 }
const dataDir = mkdtempSync(join(tmpdir(), 'amx-redis-test-'))
let redis: RunningRedis

beforeAll(async () => {
  redis = await startRedis({ dataDir })
})

afterAll(async () => {
  await redis.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

function replica() {
  const logger = { warn: vi.fn(), info: vi.fn() }
  const limiter = createRedisLimiter({ url: redis.url, logger, restMs: 50 })
  onTestFinished(() => limiter.close())
  return { limiter, logger }
}

test('replicas share what is left, also of a limiter that one of them just lowered', async () => {
  const [one, other] = [replica().limiter, replica().limiter]
  expect((await one.tell('team/shared', limits, claim)).granted).toBe(1)
  const answer = await other.tell('team/shared', limits, claim)
  expect(answer.granted).toBe(0)
  expect(answer.waitMs).toBeGreaterThan(0)
  await one.tell('team/paused', limits, { type: 'Retry', cause: 'RateLimited', retryAfterMs: 30_000, again: false })
  expect((await other.tell('team/paused', limits, claim)).waitMs).toBeGreaterThan(20_000)
})

test('one profile does not know of another, nor of one of the same name elsewhere', async () => {
  const { limiter } = replica()
  for (const key of ['team/a', 'team/b', 'people/a'])
    expect((await limiter.tell(key, limits, claim)).granted, key).toBe(1)
})

test('a hundred claims at once of three replicas get exactly what there is', async () => {
  const wide: ModelLimits = { ...limits, requestsPerMinute: 2_400 }
  const replicas = [replica().limiter, replica().limiter, replica().limiter]
  const started = performance.now()
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => replicas[index % 3]?.tell('team/busy', wide, { ...claim, wanted: 1 })),
  )
  const refilled = ((performance.now() - started) / 60_000) * 2_400
  const granted = answers.reduce((sum, answer) => sum + (answer?.granted ?? 0), 0)
  expect(granted).toBeGreaterThanOrEqual(40)
  expect(granted).toBeLessThanOrEqual(40 + Math.ceil(refilled))
  for (const limiter of replicas) expect(limiter.mode()).toBe('Shared')
})

test('a state that another program wrote is not believed', async () => {
  const { limiter } = replica()
  const client = new Redis(redis.url)
  onTestFinished(() => client.disconnect())
  await client.set('amx:limiter:team/odd', '{"requests":"many"}')
  expect((await limiter.tell('team/odd', limits, claim)).granted).toBe(1)
  expect(limiter.readings().map(({ llmKey }) => llmKey)).toEqual(['team/odd'])
  expect(await client.ttl('amx:limiter:team/odd')).toBeGreaterThan(3_000)
})

test('without Redis each replica goes on by itself, says so once, and comes back to it', async () => {
  const { limiter, logger } = replica()
  await limiter.tell('team/away', limits, claim)
  await redis.stop()
  for (let call = 0; call < 3; call += 1) await limiter.tell('team/away', limits, claim)
  expect(limiter.mode()).toBe('Alone')
  expect(logger.warn).toHaveBeenCalledTimes(1)
  // Its own limits still hold.
  expect((await limiter.tell('team/away', limits, claim)).granted).toBe(0)
  redis = await startRedis({ dataDir, port: redis.port })
  await expect
    .poll(
      async () => {
        await limiter.tell('team/away', limits, claim)
        return limiter.mode()
      },
      { timeout: 20_000 },
    )
    .toBe('Shared')
  expect(logger.info).toHaveBeenCalledTimes(1)
})

test('a Redis that was never there stops nothing', async () => {
  const logger = { warn: vi.fn(), info: vi.fn() }
  const limiter = createRedisLimiter({ url: 'redis://127.0.0.1:1', logger })
  onTestFinished(() => limiter.close())
  expect((await limiter.tell('team/none', limits, claim)).granted).toBe(1)
  expect(limiter.mode()).toBe('Alone')
})
