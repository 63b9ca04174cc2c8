/** What a lane of the tests came to. */
export interface LaneCount {
  passed: number
  failed: number
  skipped: number
}

/** The part of a JSON report of Vitest that is counted. */
interface VitestReport {
  numPassedTests?: number
  numFailedTests?: number
  numPendingTests?: number
  numTodoTests?: number
  testResults?: { status: string; assertionResults: { status: string }[] }[]
}

/**
 * Counts a lane. A test file that fails before its first test counts as one failure, and so does a run that ends with an
 * error although no test failed, or without a report: what did not run did not pass.
 */
export function countLane(report: VitestReport | undefined, exitCode: number): LaneCount {
  const passed = report?.numPassedTests ?? 0
  const failedTests = report?.numFailedTests ?? 0
  const brokenFiles = (report?.testResults ?? []).filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  ).length
  const failed = failedTests + brokenFiles
  return {
    passed,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  }
}
