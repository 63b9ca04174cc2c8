import { expect, test } from 'vitest'
import { coverageBy, coverageOf, percent, shareOf } from './coverage.ts'
import { resultRow } from './result-row-fixture.ts'

test('an asset counts as described where its comment is, not where a blank one is or a write went wrong', () => {
  const rows = [
    resultRow('a.b', { existingComment: '  ' }),
    resultRow('a.c', { state: 'Accepted', applyOutcome: 'Drifted' }),
    resultRow('a.d', { state: 'Accepted', applyOutcome: 'AlreadyThere' }),
    resultRow('a.e', { alternatives: [{ text: 'No text.', score: null, fallback: true }] }),
  ]
  expect(coverageOf(rows)).toMatchObject({ assets: 4, commented: 1, accepted: 2, drafted: 3, failed: 1, unreviewed: 1 })
})

test('a schema is a line of its own, also beside a database of the same schemas, and so is what belongs to the database', () => {
  const rows = [
    resultRow('*', { kind: 'Database' }),
    resultRow('b.t.c'),
    resultRow('"A.x".t'),
    resultRow('b.u', { target: 'z' }),
  ]
  expect(coverageBy(rows, 'schema').map(({ target, place }) => `${target} ${place}`)).toEqual([
    'postgresql://pg:5432/shop "A.x"',
    'postgresql://pg:5432/shop *',
    'postgresql://pg:5432/shop b',
    'z b',
  ])
})

test('a share is never rounded up to a whole that is not there', () => {
  expect(percent(0.9996)).toBe('99.9%')
  expect(percent(0.29)).toBe('29.0%')
  expect(percent(shareOf(coverageOf([]), 'commented'))).toBe('100.0%')
})
