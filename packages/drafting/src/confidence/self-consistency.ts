import { cosine, embed } from '@amx/retrieval'

/** Each text's mean cosine to the others by the built-in embedding, 0..1; null when there is no other text to agree with. */
export function selfConsistency(texts: readonly string[]): number[] | null {
  return meanCosines(texts.map(embed))
}

/** Each unit vector's mean cosine to the others, 0..1; null when there is no other. */
export function meanCosines(vectors: readonly Float32Array[]): number[] | null {
  if (vectors.length < 2) return null
  return vectors.map((vector, index) => {
    const sum = vectors.reduce(
      (total, other, position) => (position === index ? total : total + cosine(vector, other)),
      0,
    )
    return Math.min(1, Math.max(0, sum / (vectors.length - 1)))
  })
}
