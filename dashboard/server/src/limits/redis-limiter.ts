import type { LimiterAnswer, LimiterEvent, ModelLimits } from '@amx/store'
import { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { freshLimiter, type LimiterState, stepLimiter } from './limiter-state.ts'
import {
  createMemoryLimiter,
  forgottenAfterMs,
  type LimiterReading,
  type ReadableLimiter,
  recentReadings,
} from './memory-limiter.ts'

/** A shared limiter that can say whether it shares. */
export interface SharedLimiter extends ReadableLimiter {
  /** `Alone` while Redis does not answer: this server then limits only its own calls. */
  mode(): 'Shared' | 'Alone'
}

export interface RedisLimiterOptions {
  readonly url: string
  readonly logger: Pick<Logger, 'warn' | 'info'>
  /** Longest wait for one answer of Redis. @default 500 */
  readonly answerTimeoutMs?: number
  /** How long Redis is left alone after it did not answer. @default 1000 */
  readonly restMs?: number
}

/** Seconds after which Redis forgets a profile. */
const forgottenAfterS = forgottenAfterMs / 1_000
/** Other replicas may change a state meanwhile; each round one of them gets through. */
const rounds = 50

// The arithmetic is stepLimiter's, here as in memory; Redis compares and sets, and gives all replicas the same clock.
const readScript = `return {redis.call('GET', KEYS[1]), redis.call('TIME')}`
const writeScript = `
local known = redis.call('GET', KEYS[1])
if (known or '') == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
  return {1}
end
return {0, known, redis.call('TIME')}`

/**
 * Limits the calls of all replicas together. While Redis is away every replica limits its own from memory, says so once, and
 * comes back to Redis by itself: nothing waits for it.
 */
export function createRedisLimiter(options: RedisLimiterOptions): SharedLimiter {
  const { logger } = options
  const redis = new Redis(options.url, {
    lazyConnect: true,
    // A request that cannot be sent now is answered from memory instead.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: options.answerTimeoutMs ?? 500,
    retryStrategy: (times) => Math.min(5_000, 100 * 2 ** times),
  })
  // Every failed connection is heard of here; what it means is said by the request that meets it.
  redis.on('error', () => {})
  const memory = createMemoryLimiter()
  const seen = new Map<string, LimiterReading>()
  const queues = new Map<string, Promise<unknown>>()
  const connected = redis.connect().catch(() => {})
  let mode: 'Shared' | 'Alone' = 'Shared'
  let restUntilMs = 0

  async function shared(llmKey: string, limits: ModelLimits, event: LimiterEvent): Promise<LimiterAnswer> {
    const key = `amx:limiter:${llmKey}`
    let known = readKnown(await redis.eval(readScript, 1, key))
    for (let round = 0; round < rounds; round += 1) {
      const before = parseState(known.text) ?? freshLimiter(limits, known.nowMs)
      const { state, answer } = stepLimiter(before, limits, event, known.nowMs)
      const written = await redis.eval(writeScript, 1, key, known.text, JSON.stringify(state), forgottenAfterS)
      if (!Array.isArray(written)) throw new Error('Redis answered a script with something else than a list')
      if (written[0] === 1) {
        seen.set(llmKey, { llmKey, limits, state, seenAtMs: performance.now() })
        return answer
      }
      known = readKnown(written.slice(1))
    }
    throw new Error(`other replicas changed ${key} ${rounds} times in between`)
  }

  async function tell(llmKey: string, limits: ModelLimits, event: LimiterEvent): Promise<LimiterAnswer> {
    await connected
    if (performance.now() < restUntilMs) return memory.tell(llmKey, limits, event)
    try {
      const answer = await shared(llmKey, limits, event)
      if (mode === 'Alone') logger.info('Redis answers again: model calls are limited over all replicas')
      mode = 'Shared'
      return answer
    } catch (error) {
      if (mode === 'Shared')
        logger.warn({ err: error }, 'Redis does not answer: each replica limits only its own model calls meanwhile')
      mode = 'Alone'
      restUntilMs = performance.now() + (options.restMs ?? 1_000)
      return memory.tell(llmKey, limits, event)
    }
  }

  /** One request per profile at a time: within a process nobody contends. */
  function inTurn(llmKey: string, work: () => Promise<LimiterAnswer>): Promise<LimiterAnswer> {
    const turn = (queues.get(llmKey) ?? Promise.resolve()).then(work)
    queues.set(llmKey, turn)
    turn.finally(() => {
      if (queues.get(llmKey) === turn) queues.delete(llmKey)
    })
    return turn
  }

  return {
    tell: (llmKey, limits, event) => inTurn(llmKey, () => tell(llmKey, limits, event)),
    mode: () => mode,
    readings: () => (mode === 'Shared' ? recentReadings(seen) : memory.readings()),
    async close() {
      redis.disconnect()
      await connected
    },
  }
}

interface Known {
  /** Empty when there is none. */
  readonly text: string
  readonly nowMs: number
}

function readKnown(answer: unknown): Known {
  if (!Array.isArray(answer) || !Array.isArray(answer[1])) throw new Error('Redis gave no time with a state')
  const [text, [seconds, microseconds]] = answer as [unknown, [unknown, unknown]]
  return { text: typeof text === 'string' ? text : '', nowMs: Number(seconds) * 1_000 + Number(microseconds) / 1_000 }
}

/** null for what this version did not write: the limiter starts anew then. */
function parseState(text: string): LimiterState | null {
  if (text === '') return null
  try {
    const value: unknown = JSON.parse(text)
    return isState(value) ? value : null
  } catch {
    return null
  }
}

function isState(value: unknown): value is LimiterState {
  if (typeof value !== 'object' || value === null) return false
  const of = value as Record<string, unknown>
  const level = (name: string) => of[name] === null || typeof of[name] === 'number'
  const number = (name: string) => typeof of[name] === 'number'
  return ['requests', 'tokens', 'tokensPerCall'].every(level) && ['atMs', 'ceiling', 'closedUntilMs'].every(number)
}
