import type { LabelledQuestion } from './labelled-set.ts'

/** How well answers were found. Shares are 0..1. */
export interface RetrievalFigures {
  readonly questions: number
  /** Share of questions with an answer among the first 1, 3 and 5 chunks. */
  readonly hitAt1: number
  readonly hitAt3: number
  readonly hitAt5: number
  /** Mean of 1 / rank of the first answer among the first 10, 0 where there is none. */
  readonly mrr: number
  /** Questions without an answer among the first 5. */
  readonly missed: readonly string[]
}

/** Figures over the rank (from 1) of the first answer of each question; null = none found. */
export function figuresOf(
  ranks: readonly { readonly question: LabelledQuestion; readonly rank: number | null }[],
): RetrievalFigures {
  const share = (most: number) =>
    ranks.filter(({ rank }) => rank !== null && rank <= most).length / Math.max(1, ranks.length)
  return {
    questions: ranks.length,
    hitAt1: share(1),
    hitAt3: share(3),
    hitAt5: share(5),
    mrr: ranks.reduce((sum, { rank }) => sum + (rank === null ? 0 : 1 / rank), 0) / Math.max(1, ranks.length),
    missed: ranks.flatMap(({ question, rank }) =>
      rank === null || rank > 5 ? [`${question.kind} ${question.asset}`] : [],
    ),
  }
}

/** Rank of the first chunk that answers, from 1. */
export function rankOf(
  question: LabelledQuestion,
  found: readonly Parameters<LabelledQuestion['isAnswer']>[0][],
): number | null {
  const index = found.slice(0, 10).findIndex((chunk) => question.isAnswer(chunk))
  return index < 0 ? null : index + 1
}

/** The figures as lines of a table. */
export function tableOf(rows: readonly (readonly [string, RetrievalFigures])[]): string {
  const head = 'ranking                        questions  hit@1  hit@3  hit@5    MRR'
  const lines = rows.map(([name, { questions, hitAt1, hitAt3, hitAt5, mrr }]) => {
    const numbers = [hitAt1, hitAt3, hitAt5, mrr].map((value) => value.toFixed(3).padStart(6)).join(' ')
    return `${name.padEnd(30)} ${String(questions).padStart(9)} ${numbers}`
  })
  return [head, ...lines].join('\n')
}
