import { cosine, embed } from '@amx/retrieval'

/** Each text's mean cosine to the others, 0..1; null when there is no other text to agree with. */
export function selfConsistency(texts: readonly string[]): number[] | null {
  if (texts.length < 2) return null
  const vectors = texts.map(embed)
  return vectors.map((vector, index) => {
    const sum = vectors.reduce(
      (total, other, position) => (position === index ? total : total + cosine(vector, other)),
      0,
    )
    return Math.min(1, Math.max(0, sum / (vectors.length - 1)))
  })
}
