interface Written {
  readonly path: string
  readonly newText: string
}

/** Paths of up to `count` comments that say most, of as many different tables as possible. */
export function chooseShown(written: readonly Written[], count: number): string[] {
  const longestFirst = written.toSorted((a, b) => b.newText.length - a.newText.length || (a.path < b.path ? -1 : 1))
  const seen = new Map<string, number>()
  // The first of every table comes before the second of any.
  const ranked = longestFirst.map(({ path }) => {
    const table = path.split('.').slice(0, 2).join('.')
    const rank = seen.get(table) ?? 0
    seen.set(table, rank + 1)
    return { path, rank }
  })
  return ranked
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ path }) => path)
}
