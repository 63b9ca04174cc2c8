import { expect, test } from 'vitest'
import { areaUnderCurve, calibrationBins, calibrationError } from './ranking.ts'

const outcomes = (...pairs: [number, boolean][]) => pairs.map(([score, good]) => ({ score, good }))

test.each([
  ['every good draft above every bad one', outcomes([0.9, true], [0.8, true], [0.3, false]), 1],
  ['the wrong way round', outcomes([0.1, true], [0.8, false]), 0],
  ['all scores equal', outcomes([0.5, true], [0.5, false], [0.5, true]), 0.5],
  // Pairs (good, bad): (.9,.6) right, (.9,.4) right, (.4,.6) wrong, (.4,.4) half.
  ['one tie and one mistake', outcomes([0.9, true], [0.4, true], [0.6, false], [0.4, false]), 0.625],
  ['nothing to compare with', outcomes([0.9, true]), null],
])('area under the curve: %s', (_, drafts, area) => {
  expect(areaUnderCurve(drafts)).toBe(area)
})

test('bins hold drafts of about the same score, and a score of 1 is in the last', () => {
  const bins = calibrationBins(outcomes([0.1, false], [0.05, true], [0.95, true], [1, true]))
  expect(bins).toEqual([
    { low: 0, high: 0.1, count: 1, meanScore: 0.05, goodShare: 1 },
    { low: 0.1, high: 0.2, count: 1, meanScore: 0.1, goodShare: 0 },
    { low: 0.9, high: 1, count: 2, meanScore: 0.975, goodShare: 1 },
  ])
  expect(calibrationError(bins)).toBeCloseTo((0.95 + 0.1 + 2 * 0.025) / 4)
  expect(calibrationError([])).toBeNull()
})
