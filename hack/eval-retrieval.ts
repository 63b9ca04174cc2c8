import { contextKinds } from '@amx/api'
import {
  createRanker,
  figuresOf,
  rankings,
  rankOf,
  readLabelledChunks,
  readLabelledQuestions,
  tableOf,
} from './retrieval/index.ts'

// node hack/eval-retrieval.ts: measures how well the built-in search finds what answers questions about columns, over the labelled
// set in packages/context/evaluation. With --missed, says what was not among the first five.

const signal = AbortSignal.timeout(120_000)
const questions = readLabelledQuestions()
const rankers = new Map(
  await Promise.all(
    contextKinds.map(async (kind) => [kind, createRanker(await readLabelledChunks(kind, signal))] as const),
  ),
)
const rows = rankings.flatMap((ranking) => {
  const ranks = questions.map((question) => ({
    question,
    rank: rankOf(question, rankers.get(question.kind)?.(question.query, ranking) ?? []),
  }))
  return [
    [ranking, figuresOf(ranks)] as const,
    ...contextKinds.map(
      (kind) => [`  ${kind}`, figuresOf(ranks.filter(({ question }) => question.kind === kind))] as const,
    ),
  ]
})
process.stdout.write(`${tableOf(rows)}\n`)
if (process.argv.includes('--missed')) {
  for (const [name, { missed }] of rows) {
    if (!name.startsWith(' ')) process.stdout.write(`\n${name}: ${missed.join(', ') || 'none missed'}\n`)
  }
}
