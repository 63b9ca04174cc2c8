import type { Comparison, Evaluation } from './evaluate.ts'
import { goodFrom, type Summary, summarise } from './summary.ts'

/** The report as Markdown: the figures, then the drafts that are furthest from what a person wrote although they scored high. */
export function evalReport(title: string, evaluation: Evaluation): string {
  const summaries = summarise(evaluation)
  const rows = lines.map(
    ([name, pick]) => `| ${name} | ${pick(summaries.All)} | ${pick(summaries.Table)} | ${pick(summaries.Column)} |`,
  )
  const cost = evaluation.costUsd === null ? 'unknown' : `$${evaluation.costUsd.toFixed(4)}`
  return [
    `# ${title}`,
    '',
    `${evaluation.tables} documented tables; their comments were hidden and drafted anew. ${evaluation.calls} model calls (${evaluation.failedCalls} without a usable reply), ${evaluation.inputTokens} input and ${evaluation.outputTokens} output tokens, cost ${cost}.`,
    '',
    '| | All | Tables | Columns |',
    '|---|---|---|---|',
    ...rows,
    '',
    `Overlap is F1 of shared words; similarity the cosine of the built-in embeddings; a draft is good from ${goodFrom}. A person may have known what no profile can show, so a low similarity is not always a fault of the draft.`,
    '',
    '## Sure and far off',
    '',
    ...worst(evaluation.comparisons),
    '',
  ].join('\n')
}

const lines: readonly (readonly [string, (summary: Summary) => string])[] = [
  ['hidden comments', ({ assets }) => String(assets)],
  ['coverage', ({ coverage }) => percent(coverage)],
  [
    'words per draft (hidden text)',
    ({ meanWords, meanReferenceWords }) => `${fixed(meanWords, 1)} (${fixed(meanReferenceWords, 1)})`,
  ],
  ['factual claims', ({ claims }) => String(claims)],
  ['… borne out by the profile', ({ claimsSupported }) => percent(claimsSupported)],
  ['… contradicted by it', ({ claimsContradicted }) => percent(claimsContradicted)],
  ['word overlap', ({ meanOverlap }) => fixed(meanOverlap, 2)],
  ['similarity', ({ meanSimilarity }) => fixed(meanSimilarity, 2)],
  ['good drafts', ({ goodShare }) => percent(goodShare)],
  ['confidence: area under the curve', ({ areaUnderCurve }) => fixed(areaUnderCurve, 2)],
  ['confidence: calibration error', ({ calibrationError }) => fixed(calibrationError, 2)],
]

function worst(comparisons: readonly Comparison[]): string[] {
  return comparisons
    .filter(({ score, similarity }) => score !== null && similarity < goodFrom)
    .sort((a, b) => (b.score ?? 0) - b.similarity - ((a.score ?? 0) - a.similarity))
    .slice(0, 10)
    .flatMap(({ path, score, similarity, draft, reference }) => [
      `- \`${path}\`, score ${fixed(score, 2)}, similarity ${fixed(similarity, 2)}`,
      `  - draft: ${draft}`,
      `  - hidden: ${reference}`,
    ])
}

function percent(share: number | null): string {
  return share === null ? 'n/a' : `${(share * 100).toFixed(1)} %`
}

function fixed(value: number | null, digits: number): string {
  return value === null ? 'n/a' : value.toFixed(digits)
}
