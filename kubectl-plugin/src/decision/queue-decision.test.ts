import type { QueueRow } from '@amx/api'
import { expect, test } from 'vitest'
import { queueDecisions } from './queue-decision.ts'

function queued(id: number, run = 'nightly'): QueueRow {
  return {
    id: String(id),
    target: 'postgresql://pg:5432/shop',
    databaseProfile: 'prod-pg',
    path: `sales.t${id}`,
    kind: 'Table',
    text: 'A text.',
    run: { uid: `uid-${run}`, name: run },
    decidedBy: 'ada',
    decidedAt: '2026-11-21T08:00:00.000Z',
    state: 'Queued',
    error: null,
    revision: id,
    draftDigest: `sha256:${run}`,
  }
}

test('a decision names what was seen of every entry', () => {
  expect(queueDecisions([queued(7)], { verdict: 'Accept', text: 'Better.' })).toEqual([
    {
      run: { uid: 'uid-nightly', name: 'nightly' },
      digest: 'sha256:nightly',
      items: [{ asset: 'sales.t7', target: 'prod-pg', verdict: 'Accept', text: 'Better.', revision: 7 }],
    },
  ])
})

test('entries of several runs, and more than 500 of one, become decisions of their own', () => {
  const rows = [...Array.from({ length: 501 }, (_, id) => queued(id)), queued(900, 'weekly')]
  const decisions = queueDecisions(rows, { verdict: 'Restore' })
  expect(decisions.map(({ run, items }) => [run.name, items.length])).toEqual([
    ['nightly', 500],
    ['nightly', 1],
    ['weekly', 1],
  ])
})

test('an entry of a run whose drafts nobody names cannot be changed', () => {
  expect(() => queueDecisions([{ ...queued(1), draftDigest: null }], { verdict: 'Restore' })).toThrow(
    'which drafts it has',
  )
})
