/** Rows of one score and how many of them proved right. */
export interface ScoreOutcome {
  readonly score: number
  readonly rows: number
  readonly right: number
}

/** Neighbouring scores that share a share of right rows. */
export interface IsotonicBlock {
  readonly lowest: number
  readonly highest: number
  readonly share: number
  readonly rows: number
}

/**
 * The rising step function nearest to the outcomes in least squares: neighbours that fall are pooled until none does (pool
 * adjacent violators; Ayer, Brunk, Ewing, Reid and Silverman, 1955). Blocks come in the order of their scores.
 */
export function fitIsotonic(outcomes: readonly ScoreOutcome[]): IsotonicBlock[] {
  const blocks: { lowest: number; highest: number; right: number; rows: number }[] = []
  const sorted = outcomes.filter(({ rows }) => rows > 0).toSorted((one, other) => one.score - other.score)
  for (const { score, rows, right } of sorted) {
    blocks.push({ lowest: score, highest: score, right, rows })
    for (;;) {
      const last = blocks.at(-1)
      const before = blocks.at(-2)
      // Equal shares stay apart: their scores may lie far from each other.
      if (last === undefined || before === undefined) break
      if (before.right / before.rows <= last.right / last.rows && before.highest < last.lowest) break
      blocks.splice(-2, 2, {
        lowest: before.lowest,
        highest: last.highest,
        right: before.right + last.right,
        rows: before.rows + last.rows,
      })
    }
  }
  return blocks.map(({ lowest, highest, right, rows }) => ({ lowest, highest, share: right / rows, rows }))
}

/** The share a score stands for: that of its block, on the line between two blocks, that of the end beyond the ends. */
export function isotonicShare(blocks: readonly IsotonicBlock[], score: number): number | null {
  const next = blocks.findIndex(({ highest }) => score <= highest)
  const after = next === -1 ? undefined : blocks[next]
  const before = next === -1 ? blocks.at(-1) : blocks[next - 1]
  if (after === undefined) return before?.share ?? null
  if (before === undefined || score >= after.lowest) return after.share
  const way = (score - before.highest) / (after.lowest - before.highest)
  return before.share + way * (after.share - before.share)
}
