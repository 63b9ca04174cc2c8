import type { ResultRow } from '@amx/api'
import { formatCSV } from '../output/csv.ts'

const heads = [
  'target',
  'asset',
  'kind',
  'band',
  'score',
  'state',
  'text',
  'existing comment',
  'source',
  'signal',
  'decided by',
  'decided at',
  'apply outcome',
  'apply error',
  'skipped reason',
  'alternatives',
  'calibrated',
  'token probability',
  'citations',
  'copied from',
] as const

/** Result rows as a CSV file; alternatives and citations as JSON lists, which no comma or line break can break. */
export function resultsCSV(rows: readonly ResultRow[]): string {
  return formatCSV(
    heads,
    rows.map((row) => [
      row.target,
      row.path,
      row.kind,
      row.band,
      row.score,
      row.state,
      row.chosenText ?? row.alternatives.find(({ fallback }) => !fallback)?.text ?? null,
      row.existingComment,
      row.source,
      row.signal,
      row.decidedBy,
      row.decidedAt,
      row.applyOutcome,
      row.applyError,
      row.skippedReason,
      JSON.stringify(row.alternatives.map(({ text }) => text)),
      row.calibrated ?? null,
      row.tokenProbability ?? null,
      JSON.stringify(row.citations),
      row.copiedFrom ?? null,
    ]),
  )
}
