import { addFeature, normalize } from './hashed-features.ts'

/** Length of an embedding. */
export const embeddingSize = 512

// Words that carry the grammar of a description, not its meaning.
const stopWords = new Set(
  'a an and are as at be by each every for from has have hold holds in is it its kept of on one or record records recorded state states stated give gives that the this to was were which with'.split(
    ' ',
  ),
)
const stopWeight = 0.15
const gramWeight = 0.25

/**
 * A built-in text embedding: hashed words and character 3-grams, as unit vector of {@link embeddingSize} numbers.
 * Offline and deterministic; the hashing trick of Weinberger et al. (2009), with sign bits.
 */
export function embed(text: string): Float32Array {
  const vector = new Float32Array(embeddingSize)
  for (const word of text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? []) {
    const weight = stopWords.has(word) ? stopWeight : 1
    const stem = word.length > 4 ? word.replace(/(?:ies|es|s)$/, '') : word
    addFeature(vector, `w:${stem}`, weight)
    if (weight < 1) continue
    const padded = `<${stem}>`
    for (let index = 0; index + 3 <= padded.length; index += 1) {
      addFeature(vector, padded.slice(index, index + 3), gramWeight)
    }
  }
  return normalize(vector)
}

/** The cosine of two unit vectors, -1..1. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let index = 0; index < a.length; index += 1) sum += (a[index] ?? 0) * (b[index] ?? 0)
  return sum
}
