import { expect, test } from 'vitest'
import { countLane } from './test-report.ts'

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
})

test.each([
  [
    'all passed',
    { numPassedTests: 3, testResults: [file('passed', 'passed')] },
    0,
    { passed: 3, failed: 0, skipped: 0 },
  ],
  [
    'a failed test is counted once, not again with its file',
    { numPassedTests: 1, numFailedTests: 1, testResults: [file('failed', 'passed', 'failed')] },
    1,
    { passed: 1, failed: 1, skipped: 0 },
  ],
  [
    'a file that breaks before its tests is a failure',
    { numPassedTests: 4, numFailedTests: 0, testResults: [file('failed'), file('passed', 'passed')] },
    1,
    { passed: 4, failed: 1, skipped: 0 },
  ],
  ['an error outside of every test is a failure', { numPassedTests: 4 }, 1, { passed: 4, failed: 1, skipped: 0 }],
  ['no report is a failure', undefined, 1, { passed: 0, failed: 1, skipped: 0 }],
  [
    'skipped tests are named',
    { numPassedTests: 1, numPendingTests: 2, numTodoTests: 1 },
    0,
    { passed: 1, failed: 0, skipped: 3 },
  ],
])('%s', (_name, report, exitCode, expected) => {
  expect(countLane(report, exitCode)).toEqual(expected)
})
