import type { MetadataRun, MetadataRunStatus, RunEvent } from '@amx/api'
import { describe, expect, test } from 'vitest'
import { eventLine } from './event-line.ts'
import { nextStep } from './next-step.ts'
import { asSentence, isEnded, isSettled, obstacle, runLine } from './run-line.ts'

const plain = (_: string, text: string) => text

function runWith(status?: MetadataRunStatus): MetadataRun {
  return {
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'MetadataRun',
    metadata: {
      name: 'first',
      namespace: 'default',
      uid: 'u',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-11-21T08:00:00Z',
    },
    spec: { type: 'Analyze' },
    ...(status && { status }),
  }
}

describe('the line about a run', () => {
  test('before the operator has seen it', () => {
    expect(runLine(runWith(), plain)).toBe('waiting for the operator')
  })

  test('tells what copying equal columns saved', () => {
    const columns = { planned: 6, profiled: 6, drafted: 6, skipped: 0, failed: 0 }
    const line = runLine(runWith({ phase: 'Running', columns, deduplicated: { columns: 4, calls: 2 } }), plain)
    expect(line).toContain('copied 4 equal columns, 2 calls saved')
  })

  test('names what is known and nothing else', () => {
    expect(runLine(runWith({ phase: 'Pending' }), plain)).toBe('Pending')
    const line = runLine(
      runWith({
        phase: 'Running',
        progress: '3/25',
        columns: { planned: 220, profiled: 40, drafted: 10, skipped: 0, failed: 0 },
        confidence: { high: 8, medium: 1, low: 1 },
        cost: {
          amount: '0.0315',
          currency: 'USD',
          inputTokens: 100,
          cachedInputTokens: 0,
          outputTokens: 50,
          reasoningTokens: 0,
          calls: 1,
          unknownCalls: 0,
        },
      }),
      plain,
    )
    expect(line).toBe(
      'Running   tables 3/25   columns profiled 40/220, drafted 10/220   high 8 · medium 1 · low 1   100 + 50 tokens   $0.0315',
    )
  })
})

test.each([
  ['Running', false, false],
  ['AwaitingReview', true, false],
  ['Suspended', true, false],
  ['Succeeded', true, true],
  ['PartiallyApplied', true, true],
  ['Cancelled', true, true],
] as const)('a run that is %s', (phase, settled, ended) => {
  expect(isSettled(runWith({ phase }))).toBe(settled)
  expect(isEnded(runWith({ phase }))).toBe(ended)
})

test('the next step is named', () => {
  expect(nextStep(runWith({ phase: 'AwaitingReview' }))).toContain('Review:  kubectl amx review first')
  const review = { unreviewed: 0, accepted: 4, skipped: 0, queued: 4 }
  expect(nextStep(runWith({ phase: 'Succeeded', review })).at(-1)).toContain('kubectl amx apply first')
})

describe('the line about an event', () => {
  const batch = { table: 'sales.customer', batch: 1, batches: 2, rows: 11 }
  const event = (type: RunEvent['type'], data: RunEvent['data']): RunEvent => ({ id: '1', time: '', type, data })

  test.each([
    [
      event('TableProfiled', {
        table: 'sales.customer',
        columns: 12,
        rowCount: 2_450_118,
        rowsRead: 5_000,
        mode: 'Sampled',
        durationMs: 1_200,
      }),
      'Profile  sales.customer (12 columns · sampled 5,000 of 2,450,118 rows) ok (1.2 s)',
    ],
    [
      event('BatchDrafted', {
        ...batch,
        durationMs: 3_100,
        calls: 1,
        inputTokens: 4_212,
        outputTokens: 1_108,
        costUsd: '0.00844',
      }),
      'Draft    sales.customer, batch 1/2 (11 descriptions) ok (3.1 s · 4,212 in / 1,108 out · $0.0084)',
    ],
    [
      event('BatchDrafted', { ...batch, batches: 1, calls: 0, cachedReplies: 1, inputTokens: 0, skipped: 2 }),
      'Draft    sales.customer (11 descriptions) ok (stored reply · $0.00), 2 without a draft',
    ],
    [
      event('BatchDrafted', {
        ...batch,
        table: 'sales',
        kind: 'Schema',
        rows: 1,
        durationMs: 900,
        calls: 1,
        costUsd: null,
      }),
      'Draft    sales (schema) ok (0.9 s · 0 in / 0 out · no known price)',
    ],
    [
      event('Decided', { reviewer: 'policy:Auto/High', accepted: 1_021, skipped: 0, rejected: 0 }),
      'Review   accept-all-high: 1,021 accepted',
    ],
    [
      event('TableApplied', {
        table: 'sales.customer',
        rows: 12,
        outcomes: { Applied: 11, Drifted: 1 },
        durationMs: 120,
      }),
      'Apply    sales.customer (12 comments) 11 written, 1 changed meanwhile, left alone (0.1 s)',
    ],
  ])('says what happened', (given, line) => {
    expect(eventLine(given)).toBe(line)
  })

  test('is left out where the status line says it', () => {
    expect(eventLine(event('RunFinished', { phase: 'Succeeded' }))).toBeNull()
  })
})

describe('what keeps a run from going on', () => {
  const lastError = { code: 'AMX-1003' as const, message: 'LLMProfile "x" does not exist', remedy: 'Create it.' }
  const ready = { type: 'Ready', status: 'False' as const, reason: 'R', lastTransitionTime: '2026-11-21T08:00:00Z' }
  const waits = { ...ready, message: 'LLMProfile "x" does not exist. Create it. (AMX-1003)' }
  const goesOn = { ...ready, message: '35 rows wait for a person.' }

  test('is told with what to do', () => {
    const told = obstacle(runWith({ phase: 'Pending', lastError, conditions: [waits] }))
    expect(told).toBe('LLMProfile "x" does not exist. Create it. (AMX-1003)')
  })

  test.each<[string, MetadataRunStatus | undefined]>([
    ['that nothing hinders', { phase: 'Running' }],
    ['that the operator has not seen', undefined],
    ['that is over', { phase: 'Failed', lastError }],
    ['that has overcome it', { phase: 'Running', lastError, conditions: [goesOn] }],
  ])('is nothing for a run %s', (_, status) => {
    expect(obstacle(runWith(status))).toBeNull()
  })

  test('an error that was overcome explains nothing any more', () => {
    const run = runWith({ phase: 'AwaitingReview', lastError, conditions: [goesOn] })
    expect(nextStep(run)).toEqual(['35 rows wait for a person.', 'Review:  kubectl amx review first'])
  })

  test('words that bring an end of their own get no other', () => {
    expect(['did you mean x?', 'no', 'yes.'].map(asSentence)).toEqual(['did you mean x?', 'no.', 'yes.'])
  })
})
