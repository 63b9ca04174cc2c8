import type { ResultRow } from '@amx/api'
import { counted } from '../../../output/figures.ts'
import { harmless, type Paint } from '../../../output/paint.ts'
import { citationPlace, fileCitations } from '../../../results/citation-text.ts'

const evidenceLines = 6

/** What a reviewer sees of one row before being asked. */
export function rowLines(
  row: ResultRow,
  place: { readonly number: number; readonly of: number },
  paint: Paint,
): string[] {
  const score = row.score === null ? 'no score' : `${row.band ?? ''} ${row.score.toFixed(2)}`.trim()
  const evidence = row.evidence
    .split('\n')
    .map(harmless)
    .filter((line) => line.trim() !== '')
  return [
    '',
    `${paint('dim', `[${place.number}/${place.of}]`)} ${paint('bold', harmless(row.path))}  ${row.kind}, ${paint(bandColour(row), score)} (${row.signal})`,
    `  now: ${row.existingComment === null ? paint('dim', 'no comment') : harmless(row.existingComment)}`,
    ...evidence.slice(0, evidenceLines).map((line) => paint('dim', `  | ${line}`)),
    ...(evidence.length > evidenceLines
      ? [paint('dim', `  | … ${counted(evidence.length - evidenceLines, 'more line')}: e`)]
      : []),
    ...fileCitations(row.citations).map((citation) =>
      paint('dim', `  > ${harmless(citationPlace(citation))}: ${harmless(citation.snippet)}`),
    ),
    ...(row.copiedFrom == null ? [] : [paint('dim', `  copied from ${harmless(row.copiedFrom)}, an equal column`)]),
    ...row.warnings.map((warning) => paint('yellow', `  ! ${harmless(warning)}`)),
    ...row.alternatives.map((alternative, index) => {
      const rated = alternative.score === null ? '' : paint('dim', ` (${alternative.score.toFixed(2)})`)
      const text = harmless(alternative.text)
      return alternative.fallback ? paint('dim', `  -. ${text} (placeholder)`) : `  ${index + 1}. ${text}${rated}`
    }),
    ...(row.skippedReason === null ? [] : [paint('yellow', `  nothing was drafted: ${harmless(row.skippedReason)}`)]),
  ]
}

function bandColour({ band }: ResultRow) {
  if (band === 'High') return 'green'
  return band === 'Low' ? 'red' : 'yellow'
}
