import type { DecisionItem, ResultRow } from '@amx/api'
import { acceptable, decisionItem, exchange, type Verdict } from '../verdict.ts'

/** Where a row was decided about, and the verdicts before that; undefined for none. */
interface Done {
  readonly at: number
  readonly before: ReadonlyMap<number, Verdict | undefined>
}

/** Where a reviewer is and what was decided so far. */
export interface Sitting {
  readonly rows: readonly ResultRow[]
  /** Index of the row shown; `rows.length` when all were seen. */
  readonly at: number
  /** Verdict per row index. */
  readonly verdicts: ReadonlyMap<number, Verdict>
  /** What can be undone, the last at the end, and what was undone. */
  readonly past: readonly Done[]
  readonly future: readonly Done[]
}

export type Answer =
  | { readonly kind: 'moved'; readonly sitting: Sitting }
  | { readonly kind: 'own-text' }
  | { readonly kind: 'evidence' }
  | { readonly kind: 'help' }
  | { readonly kind: 'finish' }
  | { readonly kind: 'unknown'; readonly problem: string }

/** A sitting at its first row that is not decided yet. */
export function beginSitting(rows: readonly ResultRow[], verdicts: Sitting['verdicts'] = new Map()): Sitting {
  return { rows, at: nextOpen(rows, verdicts, 0), verdicts, past: [], future: [] }
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
      return moved(decideHere(sitting, { verdict: 'Skip' }))
    case 'r':
      return moved(decideHere(sitting, { verdict: 'Reject' }))
    case 'a':
      return { kind: 'moved', sitting: acceptRest(sitting, () => true) }
    case 'h':
      return { kind: 'moved', sitting: acceptRest(sitting, ({ band }) => band === 'High') }
    case 'b':
      return sitting.at === 0
        ? { kind: 'unknown', problem: 'this is the first row' }
        : { kind: 'moved', sitting: { ...sitting, at: sitting.at - 1 } }
    case 'u':
      return undo(sitting) ?? { kind: 'unknown', problem: 'there is nothing to undo' }
    case 'U':
      return redo(sitting) ?? { kind: 'unknown', problem: 'there is nothing to do again' }
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
  return next(decideHere(sitting, { verdict: 'Accept', text: text.trim(), edits: null }))
}

/** Takes the last verdicts back, and shows the row they were given at; null where there are none. */
export function undo(sitting: Sitting): Extract<Answer, { kind: 'moved' }> | null {
  const last = sitting.past.at(-1)
  if (last === undefined) return null
  const { verdicts, before } = exchange(sitting.verdicts, last.before)
  const future = [...sitting.future, { at: sitting.at, before }]
  return { kind: 'moved', sitting: { ...sitting, at: last.at, verdicts, past: sitting.past.slice(0, -1), future } }
}

function redo(sitting: Sitting): Answer | null {
  const next = sitting.future.at(-1)
  if (next === undefined) return null
  const { verdicts, before } = exchange(sitting.verdicts, next.before)
  const past = [...sitting.past, { at: sitting.at, before }]
  return { kind: 'moved', sitting: { ...sitting, at: next.at, verdicts, past, future: sitting.future.slice(0, -1) } }
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
  return moved(decideHere(sitting, { verdict: 'Accept', alternative }))
}

/** Accepts the first alternative of this row and of every later one that is wanted and undecided; then on to what is left. */
function acceptRest(sitting: Sitting, wanted: (row: ResultRow) => boolean): Sitting {
  const given = new Map<number, Verdict>()
  for (const [index, row] of sitting.rows.entries()) {
    const [alternative] = acceptable(row)
    if (index < sitting.at || alternative === undefined || !wanted(row) || sitting.verdicts.has(index)) continue
    given.set(index, { verdict: 'Accept', alternative })
  }
  const decided = decide(sitting, given)
  return { ...decided, at: nextOpen(decided.rows, decided.verdicts, sitting.at) }
}

function nextOpen(rows: readonly ResultRow[], verdicts: Sitting['verdicts'], from: number): number {
  const open = rows.findIndex((_, index) => index >= from && !verdicts.has(index))
  return open === -1 ? rows.length : open
}

function decideHere(sitting: Sitting, verdict: Verdict): Sitting {
  return decide(sitting, new Map([[sitting.at, verdict]]))
}

function decide(sitting: Sitting, given: ReadonlyMap<number, Verdict>): Sitting {
  if (given.size === 0) return sitting
  const { verdicts, before } = exchange(sitting.verdicts, given)
  return { ...sitting, verdicts, past: [...sitting.past, { at: sitting.at, before }], future: [] }
}

function moved(sitting: Sitting): Answer {
  return { kind: 'moved', sitting: next(sitting) }
}

function next(sitting: Sitting): Sitting {
  return { ...sitting, at: sitting.at + 1 }
}
