import type { ChangeRow, RunSummary } from '@amx/api'

/** A run that drafted and was not reviewed; for tests. */
export function runSummary(name: string, rest: Partial<RunSummary> = {}): RunSummary {
  return {
    uid: `uid-of-${name}`,
    namespace: 'team-a',
    name,
    type: 'Analyze',
    phase: 'AwaitingReview',
    scope: 'prod-pg: sales',
    model: 'gpt-5',
    databaseProfiles: ['prod-pg'],
    startedAt: '2026-11-20T08:00:00.000Z',
    finishedAt: null,
    tables: { total: 1, settled: 1 },
    columns: { planned: 2, profiled: 2, drafted: 2, skipped: 0, failed: 0 },
    confidence: { high: 2, medium: 0, low: 1, none: 0, mean: 0.7 },
    review: { unreviewed: 3, accepted: 0, skipped: 0, rejected: 0, queued: 0 },
    apply: { applied: 0, failed: 0, refused: 0, unsupported: 0 },
    cost: {
      amount: '0.0315',
      inputTokens: 1000,
      cachedInputTokens: 100,
      outputTokens: 500,
      reasoningTokens: 50,
      calls: 4,
      cachedReplies: 0,
      unknownCalls: 0,
      unpricedCalls: 0,
      priceTable: '2026-11-01',
    },
    draftDigest: `sha256:${'a'.repeat(64)}`,
    settingsDigest: null,
    ...rest,
  }
}

/** A comment that was written; for tests. */
export function changeRow(path: string, rest: Partial<ChangeRow> = {}): ChangeRow {
  return {
    id: path,
    target: 'postgresql://pg:5432/shop',
    path,
    kind: 'Column',
    outcome: 'Applied',
    dryRun: false,
    oldText: null,
    newText: `What ${path} is.`,
    statement: 'COMMENT ON COLUMN … IS $1',
    error: null,
    decidedBy: 'ada',
    appliedBy: 'grace',
    appliedAt: '2026-11-20T09:00:00.000Z',
    ...rest,
  }
}
