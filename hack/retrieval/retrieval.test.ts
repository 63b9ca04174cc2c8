import { type ContextKind, contextKinds } from '@amx/api'
import { beforeAll, describe, expect, it } from 'vitest'
import { type LabelledChunk, readLabelledChunks, readLabelledQuestions } from './labelled-set.ts'
import { figuresOf, rankOf } from './measure-retrieval.ts'
import { createRanker, type Ranking } from './rank-chunks.ts'

const questions = readLabelledQuestions()
const chunks = new Map<ContextKind, LabelledChunk[]>()

beforeAll(async () => {
  const signal = AbortSignal.timeout(50_000)
  for (const kind of contextKinds) chunks.set(kind, await readLabelledChunks(kind, signal))
})

function measure(ranking: Ranking) {
  const rankers = new Map(contextKinds.map((kind) => [kind, createRanker(chunks.get(kind) ?? [])]))
  return figuresOf(
    questions.map((question) => ({
      question,
      rank: rankOf(question, rankers.get(question.kind)?.(question.query, ranking) ?? []),
    })),
  )
}

describe('the labelled set', () => {
  it('has enough questions, each with an answer that is there', () => {
    expect(questions.length).toBeGreaterThanOrEqual(60)
    for (const question of questions) {
      expect(chunks.get(question.kind)?.some(question.isAnswer), `${question.kind} ${question.asset}`).toBe(true)
    }
  })

  it('does not give answers away: a question has few of the words of a heading that answers it', () => {
    const given = questions.filter(({ kind, query, isAnswer }) =>
      (chunks.get(kind) ?? []).some((chunk) => isAnswer(chunk) && chunk.title !== null && query.includes(chunk.title)),
    )
    expect(given.filter(({ kind }) => kind === 'Documents').length).toBeLessThan(questions.length / 10)
  })

  it('has answers among many other passages', () => {
    for (const kind of contextKinds) expect(chunks.get(kind)?.length).toBeGreaterThanOrEqual(40)
  })
})

describe('the built-in search', () => {
  it('finds what answers questions about columns', () => {
    const { hitAt3, hitAt5, mrr, missed } = measure('fused and diversified')
    expect(hitAt3, missed.join(', ')).toBeGreaterThanOrEqual(0.85)
    expect(hitAt5, missed.join(', ')).toBeGreaterThanOrEqual(0.95)
    expect(mrr).toBeGreaterThanOrEqual(0.78)
  })

  it('finds more by words and vectors together than by either alone', () => {
    const fused = measure('fused')
    for (const ranking of ['words', 'vectors'] as const) {
      const alone = measure(ranking)
      expect(fused.mrr).toBeGreaterThanOrEqual(alone.mrr)
      expect(fused.hitAt5).toBeGreaterThanOrEqual(alone.hitAt5)
    }
  })
})
