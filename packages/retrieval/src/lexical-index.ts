import { searchTerms } from './search-terms.ts'

const k1 = 1.2
const b = 0.75

/** Texts made ready for ranking by their words. */
export interface LexicalIndex {
  /** Positions of the texts that share a term with the query, best first, at most `limit`. */
  search(query: string, limit: number): { readonly position: number; readonly score: number }[]
}

/** Ranks texts by BM25 (Robertson, Zaragoza 2009) over {@link searchTerms}, k1 = 1.2 and b = 0.75. */
export function createLexicalIndex(texts: readonly string[]): LexicalIndex {
  const postings = new Map<string, Map<number, number>>()
  const lengths: number[] = []
  for (const [position, text] of texts.entries()) {
    const terms = searchTerms(text)
    lengths.push(terms.length)
    for (const { stem } of terms) {
      const posting = postings.get(stem) ?? new Map<number, number>()
      posting.set(position, (posting.get(position) ?? 0) + 1)
      postings.set(stem, posting)
    }
  }
  const averageLength = Math.max(1, lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length))

  return {
    search(query, limit) {
      const scores = new Map<number, number>()
      for (const stem of new Set(searchTerms(query).map((term) => term.stem))) {
        const posting = postings.get(stem)
        if (posting === undefined) continue
        const rarity = Math.log(1 + (texts.length - posting.size + 0.5) / (posting.size + 0.5))
        for (const [position, count] of posting) {
          const length = (lengths[position] ?? 0) / averageLength
          const weight = (count * (k1 + 1)) / (count + k1 * (1 - b + b * length))
          scores.set(position, (scores.get(position) ?? 0) + rarity * weight)
        }
      }
      return [...scores]
        .map(([position, score]) => ({ position, score }))
        .sort((left, right) => right.score - left.score || left.position - right.position)
        .slice(0, limit)
    },
  }
}
