import type { ResultRow } from '@amx/api'

/** A drafted, undecided row; for tests. */
export function resultRow(path: string, rest: Partial<ResultRow> = {}): ResultRow {
  return {
    id: path,
    target: 'postgresql://pg:5432/shop',
    path,
    kind: 'Column',
    source: 'profile',
    signal: 'Evidence',
    score: 0.9,
    band: 'High',
    alternatives: [
      { text: `What ${path} is.`, score: 0.9, fallback: false },
      { text: `Another reading of ${path}.`, score: 0.7, fallback: false },
    ],
    existingComment: null,
    reasoning: null,
    citations: [],
    evidence: 'type text',
    warnings: [],
    skippedReason: null,
    state: 'Unreviewed',
    chosenText: null,
    chosenAlternative: null,
    decidedBy: null,
    decidedAt: null,
    applyOutcome: null,
    applyError: null,
    ...rest,
  }
}
