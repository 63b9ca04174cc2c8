import type { Verbosity } from '@amx/api'
import { cleanText, textKey } from './clean-text.ts'

/** The texts cleaned, without blanks and duplicates, in their order; those equal to one of `existing` left out too. */
export function distinctTexts(
  texts: readonly string[],
  verbosity: Verbosity,
  existing: readonly string[] = [],
): string[] {
  const items = texts.map((text) => ({ text }))
  return distinctItems(items, verbosity, existing).map(({ text }) => text)
}

/** Like {@link distinctTexts}, for texts of which more is known; what is known of the first of equal texts is kept. */
export function distinctItems<Item extends { readonly text: string }>(
  items: readonly Item[],
  verbosity: Verbosity,
  existing: readonly string[] = [],
): Item[] {
  const seen = new Set(existing.map(textKey))
  const kept: Item[] = []
  for (const item of items) {
    const text = cleanText(item.text, verbosity)
    const key = textKey(text)
    if (text === '' || seen.has(key)) continue
    seen.add(key)
    kept.push({ ...item, text })
  }
  return kept
}
