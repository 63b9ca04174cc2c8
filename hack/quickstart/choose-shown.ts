interface Written {
  readonly path: string
  readonly newText: string
}

// A comment of about this length says more than a name with an article, and still fits on a line.
const tellingLength = 64

/** Paths of up to `count` telling comments, of as many different tables as possible. */
export function chooseShown(written: readonly Written[], count: number): string[] {
  const distance = ({ newText }: Written) => Math.abs(newText.length - tellingLength)
  const bestFirst = written.toSorted((a, b) => distance(a) - distance(b) || (a.path < b.path ? -1 : 1))
  const seen = new Map<string, number>()
  // The first of every table comes before the second of any.
  const ranked = bestFirst.map(({ path }) => {
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
