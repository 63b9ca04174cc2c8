import { embeddingSize } from './embedding.ts'
import { addFeature, normalize } from './hashed-features.ts'
import { searchTerms } from './search-terms.ts'

const neighbourWeight = 0.25
const gramWeight = 0.2
const genericWeight = 0.4

// Stems of words that name a kind of value or a place for it: nearly every question and many passages have them.
const genericStems = new Set(
  'identifi code number name type kind status state date time flag valu text amount total count record row entri column tabl data'.split(
    ' ',
  ),
)

/**
 * A built-in embedding for search, as unit vector of {@link embeddingSize} numbers: hashed stems, neighbouring stems and
 * character 4-grams. Unlike `embed`, which compares two sentences of like length, a term counts by the logarithm of its
 * occurrences, so that a long passage meets a short question; identifiers meet the prose about them; words that say little,
 * such as `code` or `date`, weigh little. The weights are those that `node hack/eval-retrieval.ts` found best.
 */
export function embedForSearch(text: string): Float32Array {
  const counts = new Map<string, number>()
  const add = (feature: string, weight: number): void => {
    counts.set(feature, (counts.get(feature) ?? 0) + weight)
  }
  let previous = ''
  for (const { stem } of searchTerms(text)) {
    const weight = genericStems.has(stem) ? genericWeight : 1
    add(`s:${stem}`, weight)
    if (previous !== '' && previous !== stem) add(`b:${previous} ${stem}`, neighbourWeight)
    previous = stem
    if (stem.length < 5) continue
    for (let index = 0; index + 4 <= stem.length; index += 1)
      add(`g:${stem.slice(index, index + 4)}`, gramWeight * weight)
  }
  const vector = new Float32Array(embeddingSize)
  for (const [feature, count] of counts) addFeature(vector, feature, Math.log1p(count))
  return normalize(vector)
}
