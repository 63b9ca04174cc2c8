import type { ResultRow } from '@amx/api'
import { formatTable } from '../output/table.ts'
import { citationPlace, fileCitations } from './citation-text.ts'

export interface ResultTableOptions {
  readonly wide: boolean
  readonly headers: boolean
  /** Columns to fit into; null writes every text in full. */
  readonly width: number | null
}

/** Rows as a table, with versions where there are several; with `wide` also what the score proved to be worth, how probable the text was to its model, kind, signal, source, the files it stands on, who decided and the comment that is there. */
export function resultTable(rows: readonly ResultRow[], options: ResultTableOptions): string[] {
  const { wide, headers, width } = options
  const versioned = rows.some(({ versions = 1 }) => versions > 1)
  const heads = [
    'asset',
    ...(versioned ? ['version'] : []),
    'band',
    'score',
    'state',
    ...(wide
      ? [
          'calibrated',
          'token probability',
          'kind',
          'signal',
          'source',
          'stands on',
          'copied from',
          'decided by',
          'comment now',
        ]
      : []),
    'text',
  ]
  const lines = rows.map((row) => [
    row.path,
    ...(versioned ? [versionOf(row)] : []),
    row.band ?? '-',
    row.score === null ? '-' : row.score.toFixed(2),
    stateOf(row),
    ...(wide
      ? [
          figure(row.calibrated),
          figure(row.tokenProbability),
          row.kind,
          row.signal,
          row.source,
          fileCitations(row.citations).map(citationPlace).join(', ') || '-',
          row.copiedFrom ?? '-',
          row.decidedBy ?? '-',
          row.existingComment ?? '-',
        ]
      : []),
    textOf(row),
  ])
  return formatTable(heads, lines, { noHeaders: !headers, width: wide ? null : width })
}

/** Which of how many versions; with the run whose accepted version keeps this one from being accepted. */
function versionOf({ version = 1, versions = 1, lock }: ResultRow): string {
  const held = lock === null || lock === undefined ? '' : `, locked by ${lock.run}`
  return `v${version} of ${versions}${held}`
}

function figure(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : value.toFixed(2)
}

/** The text that was chosen, else the one proposed first, else why there is none. */
export function textOf(row: ResultRow): string {
  if (row.chosenText !== null) return row.chosenText
  const proposed = row.alternatives.find(({ fallback }) => !fallback)
  return proposed?.text ?? `(none: ${row.skippedReason ?? 'nothing was drafted'})`
}

function stateOf({ state, applyOutcome }: ResultRow): string {
  if (applyOutcome === null) return state
  // Only what was accepted is written: it need not be said.
  return state === 'Accepted' ? applyOutcome : `${state}, ${applyOutcome}`
}
