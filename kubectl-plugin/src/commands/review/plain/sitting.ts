import type { DecisionItem, ResultRow } from '@amx/api'
import { acceptable, decisionItem, type Verdict } from '../verdict.ts'

/** Where a reviewer is and what was decided so far. */
export interface Sitting {
  readonly rows: readonly ResultRow[]
  /** Index of the row shown; `rows.length` when all were seen. */
  readonly at: number
  /** Verdict per row index. */
  readonly verdicts: ReadonlyMap<number, Verdict>
}

export type Answer =
  | { readonly kind: 'moved'; readonly sitting: Sitting }
  | { readonly kind: 'own-text' }
  | { readonly kind: 'evidence' }
  | { readonly kind: 'help' }
  | { readonly kind: 'finish' }
  | { readonly kind: 'unknown'; readonly problem: string }

export function beginSitting(rows: readonly ResultRow[]): Sitting {
  return { rows, at: 0, verdicts: new Map() }
}

/** What a pressed key means for the row shown. Pure. */
export function answer(sitting: Sitting, key: string): Answer {
  const row = sitting.rows[sitting.at]
  if (row === undefined) return { kind: 'finish' }
  const text = key.trim()
  if (/^[0-9]+$/.test(text)) return acceptAlternative(sitting, row, Number(text))
  switch (text) {
    case 'o':
      return { kind: 'own-text' }
    case 's':
      return moved(decide(sitting, sitting.at, { verdict: 'Skip' }))
    case 'r':
      return moved(decide(sitting, sitting.at, { verdict: 'Reject' }))
    case 'a':
      return moved(acceptRest(sitting, () => true))
    case 'h':
      return moved(acceptRest(sitting, ({ band }) => band === 'High'))
    case 'b':
      return sitting.at === 0
        ? { kind: 'unknown', problem: 'this is the first row' }
        : { kind: 'moved', sitting: { ...sitting, at: sitting.at - 1 } }
    case 'n':
    case '':
      return moved(sitting)
    case 'e':
      return { kind: 'evidence' }
    case 'q':
      return { kind: 'finish' }
    case '?':
      return { kind: 'help' }
    default:
      return { kind: 'unknown', problem: `"${text}" means nothing here; ? lists the keys` }
  }
}

/** The reviewer's own words for the row shown; blank words change nothing. */
export function ownText(sitting: Sitting, text: string): Sitting {
  const row = sitting.rows[sitting.at]
  if (row === undefined || text.trim() === '') return sitting
  return next(decide(sitting, sitting.at, { verdict: 'Accept', text: text.trim(), edits: null }))
}

/** The verdicts in the order of the rows. */
export function items({ rows, verdicts }: Sitting): DecisionItem[] {
  return rows.flatMap((row, index) => {
    const verdict = verdicts.get(index)
    return verdict === undefined ? [] : [decisionItem(row, verdict)]
  })
}

/** The verdicts by the id of their row, in the order of the rows. */
export function verdictsById({ rows, verdicts }: Sitting): Map<string, Verdict> {
  const byId = new Map<string, Verdict>()
  for (const [index, { id }] of rows.entries()) {
    const verdict = verdicts.get(index)
    if (verdict !== undefined) byId.set(id, verdict)
  }
  return byId
}

function acceptAlternative(sitting: Sitting, row: ResultRow, alternative: number): Answer {
  const numbers = acceptable(row)
  if (!numbers.includes(alternative)) {
    return {
      kind: 'unknown',
      problem: numbers.length === 0 ? 'there is nothing to accept here' : `there is ${numbers.join(', ')}`,
    }
  }
  return moved(decide(sitting, sitting.at, { verdict: 'Accept', alternative }))
}

/** Accepts the first alternative of this row and of every later one that is wanted and undecided. */
function acceptRest(sitting: Sitting, wanted: (row: ResultRow) => boolean): Sitting {
  let result = sitting
  for (const [index, row] of sitting.rows.entries()) {
    const [alternative] = acceptable(row)
    if (index < sitting.at || alternative === undefined || !wanted(row) || sitting.verdicts.has(index)) continue
    result = decide(result, index, { verdict: 'Accept', alternative })
  }
  const open = result.rows.findIndex((_, index) => index >= sitting.at && !result.verdicts.has(index))
  // One before the row to show: the caller moves on by one.
  return { ...result, at: (open === -1 ? result.rows.length : open) - 1 }
}

function decide(sitting: Sitting, index: number, verdict: Verdict): Sitting {
  return { ...sitting, verdicts: new Map(sitting.verdicts).set(index, verdict) }
}

function moved(sitting: Sitting): Answer {
  return { kind: 'moved', sitting: next(sitting) }
}

function next(sitting: Sitting): Sitting {
  return { ...sitting, at: sitting.at + 1 }
}
