import { runConditionTypes } from './conditions.ts'
import type { MetadataRunStatus } from './metadata-run-status.ts'

/** A status with every field there and as long as it can get, its texts made of `character`; for tests of its size. */
export function worstCaseRunStatus(character: string): MetadataRunStatus {
  const long = character.repeat(5000)
  const many = 999_999_999
  const time = '2026-11-21T07:57:13Z'
  const digest = `sha256:${'f'.repeat(64)}`
  return {
    observedGeneration: many,
    phase: 'PartiallyApplied',
    conditions: runConditionTypes.map((type) => ({
      type,
      status: 'Unknown',
      observedGeneration: many,
      lastTransitionTime: time,
      reason: 'WarehouseAuthenticationFailed',
      message: long,
    })),
    progress: '999999/999999',
    columns: { planned: many, profiled: many, drafted: many, skipped: many, failed: many },
    deduplicated: { columns: many, calls: many },
    confidence: {
      high: many,
      medium: many,
      low: many,
      none: many,
      mean: '0.812345678',
      histogram: Array<number>(10).fill(many),
    },
    review: { unreviewed: many, accepted: many, skipped: many, rejected: many, queued: many },
    apply: { applied: many, failed: many, refused: many, unsupported: many },
    cost: {
      amount: '999999.123456789',
      currency: 'USD',
      inputTokens: many,
      cachedInputTokens: many,
      outputTokens: many,
      reasoningTokens: many,
      calls: many,
      unknownCalls: many,
      unpricedCalls: many,
      cachedReplies: many,
      priceTable: '2026-11-01',
    },
    draft: { digest, rows: many },
    settings: { digest, model: 'm'.repeat(255), promptVersion: '7', operatorVersion: '0.1.0' },
    jobs: Array.from({ length: 10 }, (_, index) => ({
      stage: 'profile',
      name: 'j'.repeat(63),
      attempt: index + 1,
      state: 'Succeeded',
    })),
    lastError: { code: 'AMX-2003', message: long, remedy: long },
    startTime: time,
    completionTime: time,
    duration: '167h59m59s',
  }
}
