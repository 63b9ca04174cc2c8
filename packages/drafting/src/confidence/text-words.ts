/** The words of a text in lower case, each cut to its stem, for comparing wordings. */
export function stemsOf(text: string): Set<string> {
  return new Set(
    (
      text
        .toLowerCase()
        .replaceAll('e-mail', 'email')
        .match(/[\p{L}\p{N}]+/gu) ?? []
    ).map(stemOf),
  )
}

/** A word without its common English endings: `orders`, `ordered` and `ordering` share a stem. */
export function stemOf(word: string): string {
  if (word.length <= 3) return word
  const stem = word.replace(/(?:ies|ied)$/, 'y').replace(/(?:ing|ed|es|s)$/, '')
  return stem.length < 3 ? word : stem.replace(/([^aeiou])\1$/, '$1').replace(/e$/, '')
}

/** Whether a value stands in the text as a word of its own, in the same case. */
export function standsIn(text: string, value: string): boolean {
  for (let start = text.indexOf(value); start !== -1; start = text.indexOf(value, start + 1)) {
    const before = text[start - 1] ?? ' '
    const after = text[start + value.length] ?? ' '
    if (!/[\p{L}\p{N}_]/u.test(before) && !/[\p{L}\p{N}_]/u.test(after)) return true
  }
  return false
}
