import type { MetadataRun, MetadataRunStatus, RunEvent } from '@amx/api'
import { describe, expect, test } from 'vitest'
import { eventLine } from './event-line.ts'
import { nextStep } from './next-step.ts'
import { isEnded, isSettled, runLine } from './run-line.ts'

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
  const event = (type: RunEvent['type'], data: RunEvent['data']): RunEvent => ({ id: '1', time: '', type, data })

  test.each([
    [
      event('TableProfiled', { table: 'sales.customer', columns: 12, rowCount: 5000, mode: 'Sampled' }),
      'Profile  sales.customer: 12 columns, 5000 rows (Sampled)',
    ],
    [
      event('BatchDrafted', { table: 'sales.customer', batch: 1, batches: 2, rows: 11, high: 9, medium: 1, low: 1 }),
      'Draft  sales.customer, batch 1/2: 11 rows, high 9, medium 1, low 1',
    ],
    [
      event('TableApplied', { table: 'sales.customer', outcomes: { Applied: 11, Drifted: 1 }, durationMs: 12 }),
      'Apply  sales.customer: 11 Applied, 1 Drifted in 12 ms',
    ],
  ])('says what happened', (given, line) => {
    expect(eventLine(given)).toBe(line)
  })

  test('is left out where the status line says it', () => {
    expect(eventLine(event('RunFinished', { phase: 'Succeeded' }))).toBeNull()
  })
})
