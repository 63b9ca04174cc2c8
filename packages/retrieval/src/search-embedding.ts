import { embeddingSize } from './embedding.ts'
import { addFeature, normalize } from './hashed-features.ts'
import { searchTerms } from './search-terms.ts'

const bigramWeight = 0.5
const gramWeight = 0.12

/**
 * A built-in embedding for search, as unit vector of {@link embeddingSize} numbers: hashed stems, neighbouring stems and
 * character 4-grams. Unlike `embed`, which compares two sentences of like length, a term counts by the logarithm of its
 * occurrences, so that a long passage meets a short question, and identifiers meet the prose about them.
 */
export function embedForSearch(text: string): Float32Array {
  const counts = new Map<string, number>()
  const add = (feature: string, weight: number): void => {
    counts.set(feature, (counts.get(feature) ?? 0) + weight)
  }
  let previous = ''
  for (const { stem } of searchTerms(text)) {
    add(`s:${stem}`, 1)
    if (previous !== '' && previous !== stem) add(`b:${previous} ${stem}`, bigramWeight)
    previous = stem
    if (stem.length < 5) continue
    for (let index = 0; index + 4 <= stem.length; index += 1) add(`g:${stem.slice(index, index + 4)}`, gramWeight)
  }
  const vector = new Float32Array(embeddingSize)
  for (const [feature, count] of counts) addFeature(vector, feature, Math.log1p(count))
  return normalize(vector)
}
