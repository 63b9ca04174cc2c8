import { cosine, embed } from '@amx/retrieval'

/** Overlap of the words of two texts, as F1 of the multiset of folded words (ROUGE-1): 0 nothing shared, 1 the same words. */
export function tokenOverlap(text: string, reference: string): number {
  const said = wordCounts(text)
  const wanted = wordCounts(reference)
  let shared = 0
  for (const [word, count] of said) shared += Math.min(count, wanted.get(word) ?? 0)
  const total = size(said) + size(wanted)
  return total === 0 ? 0 : (2 * shared) / total
}

/** Cosine of the built-in embeddings of two texts, 0..1. */
export function embeddingSimilarity(text: string, reference: string): number {
  return Math.min(1, Math.max(0, cosine(embed(text), embed(reference))))
}

export function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

function wordCounts(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of wordsIn(text)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

function size(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}
