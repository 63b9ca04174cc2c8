export {
  type LabelledChunk,
  type LabelledQuestion,
  readLabelledChunks,
  readLabelledQuestions,
} from './labelled-set.ts'
export { figuresOf, type RetrievalFigures, rankOf, tableOf } from './measure-retrieval.ts'
export { createRanker, type Ranking, rankings } from './rank-chunks.ts'
