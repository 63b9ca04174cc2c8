/** Placeholders that fill up a requested number of alternatives. They are told from drafts by their flag, never by their text. */
export function paddingTexts(count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `No further description could be drafted; write one here (placeholder ${index + 1}).`,
  )
}

/** What is recorded when a model gave fewer alternatives than asked for. */
export function productionWarning(counts: {
  readonly requested: number
  readonly produced: number
  readonly retried: number
  readonly padded: number
}): string {
  return `produced ${counts.produced} of ${counts.requested} requested (retry got ${counts.retried}, fallback padded ${counts.padded})`
}
