import type { MetadataRun, MetadataRunStatus, RunEvent } from '@amx/api'
import { expect, test } from 'vitest'
import { countBatches, noBatches } from './batch-count.ts'
import { liveLines } from './live-lines.ts'
import { runTotal } from './run-total.ts'

const plain = (_: string, text: string) => text
const now = new Date('2026-11-21T08:00:14.1Z')

function runWith(status: MetadataRunStatus): MetadataRun {
  return { metadata: { name: 'first' }, spec: { type: 'Analyze' }, status } as MetadataRun
}

const cost = {
  amount: '0.0315',
  currency: 'USD',
  inputTokens: 15_844,
  cachedInputTokens: 0,
  outputTokens: 4_064,
  reasoningTokens: 0,
  calls: 4,
  unknownCalls: 0,
  priceTable: '2026-11-01',
} as const

test('batches are counted with what announces them', () => {
  const event = (type: RunEvent['type'], data: RunEvent['data']) => ({ id: '1', time: '', type, data })
  const events = [
    event('ScopeResolved', { tables: 2, draftUnits: 3 }),
    event('TableProfiled', { table: 'a', draftUnits: 2 }),
    event('BatchDrafted', { table: 'a', batch: 1, batches: 2 }),
    event('BatchDrafted', { table: 'b', batch: 3, batches: 3 }),
    event('BatchDrafted', { table: 'sales', kind: 'Schema' }),
    event('Decided', {}),
  ]
  expect(events.reduce(countBatches, noBatches)).toEqual({ done: 3, known: 6 })
})

test('a run that works shows how far it is, since when, and what it cost so far', () => {
  const run = runWith({
    phase: 'Running',
    startTime: '2026-11-21T08:00:00Z',
    columns: { planned: 1_283, profiled: 900, drafted: 120, skipped: 0, failed: 0 },
    confidence: { high: 100, medium: 15, low: 5 },
    cost,
  })
  expect(liveLines(run, { done: 12, known: 64 }, now, plain)).toEqual([
    'Running   14.1 s   profiled 900/1,283   batches 12/64   drafted 120/1,283 columns',
    '  high 100 · medium 15 · low 5   15,844 in / 4,064 out   $0.0315',
  ])
})

test('a run nobody has begun says so', () => {
  expect(liveLines(null, noBatches, now, plain)).toEqual(['waiting for the operator'])
})

test('the total says drafts, confidence, tokens and cost, and by which prices', () => {
  const run = runWith({
    phase: 'AwaitingReview',
    duration: '14s',
    draft: { digest: `sha256:${'0'.repeat(64)}`, rows: 36 },
    columns: { planned: 38, profiled: 38, drafted: 36, skipped: 1, failed: 1 },
    confidence: { high: 24, medium: 9, low: 3 },
    cost,
  })
  expect(runTotal(run, plain)).toEqual([
    '✓ 36 descriptions drafted in 14s.',
    '  2 columns without a draft: the results say why.',
    '  Confidence: high 24 · medium 9 · low 3',
    '  Tokens: 15,844 in / 4,064 out · Cost: $0.0315 (prices of 2026-11-01, frozen with the run)',
  ])
})
