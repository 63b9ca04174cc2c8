import { cosine, createLexicalIndex, diversify, embedForSearch, reciprocalRankFusion } from '@amx/retrieval'
import type { LabelledChunk } from './labelled-set.ts'

export type Ranking = 'words' | 'vectors' | 'fused' | 'fused and diversified'
export const rankings: readonly Ranking[] = ['words', 'vectors', 'fused', 'fused and diversified']

const rankingLength = 50

/** Ranks chunks for a query by the same steps as the server's search, without a store. */
export function createRanker(chunks: readonly LabelledChunk[]): (query: string, ranking: Ranking) => LabelledChunk[] {
  // A place in the title counts as three in the text, as in the store.
  const lexical = createLexicalIndex(
    chunks.map(({ path, title, text }) => `${`${path} ${title ?? ''}\n`.repeat(3)}${text}`),
  )
  return (query, ranking) => {
    const byWords = lexical.search(query, rankingLength).map(({ position }) => position)
    const vector = embedForSearch(query)
    const byVectors = chunks
      .map((chunk, position) => ({ position, score: cosine(vector, chunk.vector) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, rankingLength)
      .map(({ position }) => position)
    const at = (positions: readonly number[]) =>
      positions.flatMap((position) => {
        const chunk = chunks[position]
        return chunk === undefined ? [] : [chunk]
      })
    if (ranking === 'words') return at(byWords)
    if (ranking === 'vectors') return at(byVectors)
    const fused = reciprocalRankFusion([byWords, byVectors])
    if (ranking === 'fused') return at(fused.map(({ key }) => key))
    const candidates = fused.slice(0, 20).flatMap(({ key, score }) => {
      const chunk = chunks[key]
      return chunk === undefined ? [] : [{ position: key, score, vector: chunk.vector }]
    })
    return at(diversify(candidates, 10).map(({ position }) => position))
  }
}
