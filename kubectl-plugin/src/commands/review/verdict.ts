import type { DecisionItem, ResultRow } from '@amx/api'

/** What a reviewer decided about one row, before it is recorded. */
export type Verdict =
  | { readonly verdict: 'Accept'; readonly alternative: number }
  /** Own words; `edits` is the alternative they were made of, null for a text of one's own. */
  | { readonly verdict: 'Accept'; readonly text: string; readonly edits: number | null }
  | { readonly verdict: 'Skip' | 'Reject' | 'Restore' }

/** The numbers of the alternatives that can be accepted as they are. None where another version holds the asset. */
export function acceptable(row: ResultRow): number[] {
  if (row.lock) return []
  return row.alternatives.flatMap(({ fallback }, index) => (fallback ? [] : [index + 1]))
}

/** A verdict as a decision names it: with the database where the server says it, and the revision that was seen. */
export function decisionItem(row: ResultRow, verdict: Verdict): DecisionItem {
  return {
    asset: row.path,
    ...(row.databaseProfile !== undefined && { target: row.databaseProfile }),
    verdict: verdict.verdict,
    ...('alternative' in verdict && { alternative: verdict.alternative }),
    ...('text' in verdict && { text: verdict.text }),
    ...(row.revision !== undefined && { revision: row.revision }),
  }
}

/** Verdicts with others in their places, and what stood there before; undefined is none. Pure. */
export function exchange<Key>(
  verdicts: ReadonlyMap<Key, Verdict>,
  given: ReadonlyMap<Key, Verdict | undefined>,
): { readonly verdicts: ReadonlyMap<Key, Verdict>; readonly before: ReadonlyMap<Key, Verdict | undefined> } {
  const next = new Map(verdicts)
  const before = new Map<Key, Verdict | undefined>()
  for (const [key, verdict] of given) {
    before.set(key, verdicts.get(key))
    if (verdict === undefined) next.delete(key)
    else next.set(key, verdict)
  }
  return { verdicts: next, before }
}

export interface VerdictCounts {
  readonly accepted: number
  /** Of the accepted: in words of the reviewer. */
  readonly edited: number
  readonly skipped: number
  readonly rejected: number
  readonly restored: number
}

export const noVerdicts: VerdictCounts = { accepted: 0, edited: 0, skipped: 0, rejected: 0, restored: 0 }

export function countVerdicts(verdicts: Iterable<Verdict>): VerdictCounts {
  return changedCounts(noVerdicts, [], verdicts)
}

/** Counts after some verdicts went and others came; undefined is none. */
export function changedCounts(
  counts: VerdictCounts,
  gone: Iterable<Verdict | undefined>,
  come: Iterable<Verdict | undefined>,
): VerdictCounts {
  const changed = { ...counts }
  const count = (verdict: Verdict | undefined, by: 1 | -1) => {
    if (verdict === undefined) return
    changed[counted[verdict.verdict]] += by
    if ('text' in verdict) changed.edited += by
  }
  for (const verdict of gone) count(verdict, -1)
  for (const verdict of come) count(verdict, 1)
  return changed
}

const counted = { Accept: 'accepted', Skip: 'skipped', Reject: 'rejected', Restore: 'restored' } as const

/** Counts in words, such as `10 accepted (2 edited), 1 skipped, 1 rejected`. */
export function countsInWords({ accepted, edited, skipped, rejected, restored }: VerdictCounts): string {
  const words = [
    `${accepted} accepted${edited === 0 ? '' : ` (${edited} edited)`}`,
    `${skipped} skipped`,
    `${rejected} rejected`,
  ]
  return [...words, ...(restored === 0 ? [] : [`${restored} taken back`])].join(', ')
}

/** `1 verdict is`, `2 verdicts are`. */
export function verdictsInWords(count: number): string {
  return count === 1 ? '1 verdict is' : `${count} verdicts are`
}
