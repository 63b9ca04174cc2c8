/** How often in a row a probe gave its last outcome. */
export interface ProbeCount {
  outcome: 'success' | 'failure'
  times: number
}

export interface ProbeThresholds {
  successThreshold: number
  failureThreshold: number
}

/** Counts an outcome; the verdict is there once the outcome came as often in a row as its threshold says. */
export function countProbe(
  before: ProbeCount | undefined,
  outcome: 'success' | 'failure',
  thresholds: ProbeThresholds,
): { count: ProbeCount; verdict: 'success' | 'failure' | 'open' } {
  const times = before?.outcome === outcome ? before.times + 1 : 1
  const threshold = outcome === 'success' ? thresholds.successThreshold : thresholds.failureThreshold
  return { count: { outcome, times }, verdict: times >= threshold ? outcome : 'open' }
}
