import { Gauge, type Registry } from 'prom-client'
import { type LimiterState, limiterAt } from './limiter-state.ts'
import type { LimiterReading } from './memory-limiter.ts'

/** What the limiter of model calls says of itself when it is asked. */
export interface LimiterSource {
  readings(): readonly LimiterReading[]
  mode(): 'Memory' | 'Shared' | 'Alone'
}

/** Gauges `amx_model_limiter_*`, read from the limiter at each scrape. */
export function registerLimiterMetrics(registry: Registry, source: LimiterSource): void {
  const perProfile = (
    name: string,
    help: string,
    read: (state: LimiterState, reading: LimiterReading) => number | null,
  ) => {
    const gauge = new Gauge({
      name: `amx_model_limiter_${name}`,
      help,
      labelNames: ['profile'],
      registers: [registry],
      collect() {
        gauge.reset()
        for (const reading of source.readings()) {
          const value = read(stateNow(reading), reading)
          if (value !== null) gauge.set({ profile: reading.llmKey }, value)
        }
      },
    })
  }
  perProfile('ceiling', 'Model calls at once that the provider was found to take.', ({ ceiling }) => ceiling)
  perProfile('concurrency', 'Model calls at once that the LLMProfile allows.', (_, { limits }) => limits.concurrency)
  perProfile('requests', 'Calls that may begin now; below zero is debt.', ({ requests }) => requests)
  perProfile('tokens', 'Tokens that may be used now; below zero is debt.', ({ tokens }) => tokens)
  perProfile('tokens_per_call', 'Tokens a call used of late.', ({ tokensPerCall }) => tokensPerCall)
  perProfile('pause_seconds', 'Time until the provider takes calls again.', ({ closedUntilMs, atMs }) =>
    Math.max(0, (closedUntilMs - atMs) / 1_000),
  )
  const degraded = new Gauge({
    name: 'amx_model_limiter_degraded',
    help: '1 while Redis is configured and does not answer: each replica limits only its own calls.',
    registers: [registry],
    collect() {
      degraded.set(source.mode() === 'Alone' ? 1 : 0)
    },
  })
}

function stateNow({ state, limits, seenAtMs }: LimiterReading): LimiterState {
  return limiterAt(state, limits, state.atMs + performance.now() - seenAtMs)
}
