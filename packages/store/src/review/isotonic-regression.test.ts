import { describe, expect, test } from 'vitest'
import { fitIsotonic, isotonicShare, type ScoreOutcome } from './isotonic-regression.ts'

const of = (...listed: [score: number, right: number, rows: number][]): ScoreOutcome[] =>
  listed.map(([score, right, rows]) => ({ score, right, rows }))

describe('worked examples', () => {
  test('shares that rise already stay as they are', () => {
    expect(fitIsotonic(of([0.2, 1, 10], [0.5, 5, 10], [0.9, 9, 10]))).toEqual([
      { lowest: 0.2, highest: 0.2, share: 0.1, rows: 10 },
      { lowest: 0.5, highest: 0.5, share: 0.5, rows: 10 },
      { lowest: 0.9, highest: 0.9, share: 0.9, rows: 10 },
    ])
  })

  // 0.6 and 0.7 fall from 8/10 to 4/10: pooled 12/20 = 0.6.
  test('a falling pair is pooled, weighted by rows', () => {
    expect(fitIsotonic(of([0.3, 2, 10], [0.6, 8, 10], [0.7, 4, 10], [0.9, 9, 10]))).toEqual([
      { lowest: 0.3, highest: 0.3, share: 0.2, rows: 10 },
      { lowest: 0.6, highest: 0.7, share: 0.6, rows: 20 },
      { lowest: 0.9, highest: 0.9, share: 0.9, rows: 10 },
    ])
  })

  // 3/4 > 2/4 pools to 5/8 = 0.625, still above 1/4: pools again to 6/12 = 0.5.
  test('pooling goes back as far as it must', () => {
    expect(fitIsotonic(of([0.1, 3, 4], [0.2, 2, 4], [0.3, 1, 4]))).toEqual([
      { lowest: 0.1, highest: 0.3, share: 0.5, rows: 12 },
    ])
  })

  // 1 of 1 against 10 of 40: (1 + 10) / (1 + 40).
  test('many rows weigh more than one', () => {
    expect(fitIsotonic(of([0.4, 1, 1], [0.5, 10, 40]))).toEqual([
      { lowest: 0.4, highest: 0.5, share: 11 / 41, rows: 41 },
    ])
  })

  test('the order they come in does not matter, and a score without rows says nothing', () => {
    const rising = of([0.2, 1, 10], [0.9, 9, 10])
    expect(fitIsotonic([...rising, ...of([0.5, 0, 0])].toReversed())).toEqual(fitIsotonic(rising))
  })
})

test('the fit never falls, whatever the outcomes', () => {
  let seed = 7
  const random = () => {
    seed = (seed * 16_807) % 2_147_483_647
    return seed / 2_147_483_647
  }
  for (let round = 0; round < 50; round += 1) {
    const outcomes = Array.from({ length: 30 }, () => {
      const rows = 1 + Math.floor(random() * 9)
      return { score: Math.round(random() * 100) / 100, rows, right: Math.floor(random() * (rows + 1)) }
    })
    const shares = fitIsotonic(outcomes).map(({ share }) => share)
    expect(shares).toEqual(shares.toSorted((one, other) => one - other))
  }
})

const blocks = fitIsotonic(of([0.2, 1, 10], [0.6, 8, 10], [0.7, 4, 10], [0.9, 9, 10]))

test.each([
  ['below the lowest', 0.05, 0.1],
  ['at a score', 0.2, 0.1],
  ['half way between two blocks', 0.4, 0.35],
  ['inside a block', 0.65, 0.6],
  ['between the last two', 0.8, 0.75],
  ['above the highest', 1, 0.9],
])('a score %s', (_, score, share) => {
  expect(isotonicShare(blocks, score)).toBeCloseTo(share, 10)
})

test('nothing fitted says nothing', () => {
  expect(isotonicShare([], 0.5)).toBeNull()
})
