import { expect, test } from 'vitest'
import { countProbe, type ProbeCount } from './probe-count.ts'

test.each([
  ['sss', 1, 3, 'success success success'],
  ['ff', 1, 3, 'open open'],
  ['fff', 1, 3, 'open open failure'],
  ['ffsff', 1, 3, 'open open success open open'],
  ['ssf', 2, 1, 'open success failure'],
  ['sfs', 2, 1, 'open failure open'],
])('the outcomes %s with thresholds %i and %i give %s', (outcomes, successThreshold, failureThreshold, expected) => {
  let count: ProbeCount | undefined
  const verdicts = [...outcomes].map((letter) => {
    const outcome = letter === 's' ? 'success' : 'failure'
    const counted = countProbe(count, outcome, { successThreshold, failureThreshold })
    count = counted.count
    return counted.verdict
  })
  expect(verdicts.join(' ')).toBe(expected)
})
