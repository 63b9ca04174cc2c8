import type { Verbosity } from '@amx/api'
import { cleanText, textKey } from './clean-text.ts'

/** The texts cleaned, without blanks and duplicates, in their order; those equal to one of `existing` left out too. */
export function distinctTexts(
  texts: readonly string[],
  verbosity: Verbosity,
  existing: readonly string[] = [],
): string[] {
  const seen = new Set(existing.map(textKey))
  const kept: string[] = []
  for (const text of texts) {
    const cleaned = cleanText(text, verbosity)
    const key = textKey(cleaned)
    if (cleaned === '' || seen.has(key)) continue
    seen.add(key)
    kept.push(cleaned)
  }
  return kept
}
