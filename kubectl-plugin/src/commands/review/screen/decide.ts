import type { ResultRow } from '@amx/api'
import { counted } from '../../../output/figures.ts'
import { acceptable, changedCounts, exchange, type Verdict } from '../verdict.ts'
import { type Done, entryAt, type ReviewState, type Strategy, withNote } from './state.ts'

/** The state after verdicts, with one step to undo them all. Pure. */
export function decide(
  state: ReviewState,
  given: ReadonlyMap<string, Verdict | undefined>,
  label: string,
): ReviewState {
  const { before, ...next } = exchanged(state, given)
  return { ...state, ...next, past: [...state.past, { before, label }], future: [] }
}

export function undo(state: ReviewState): ReviewState {
  const last = state.past.at(-1)
  if (last === undefined) return withNote(state, 'there is nothing to undo')
  const { before, ...next } = exchanged(state, last.before)
  const future = [...state.future, { before, label: last.label }]
  return showing({ ...state, ...next, past: state.past.slice(0, -1), future }, last, `undone: ${last.label}`)
}

export function redo(state: ReviewState): ReviewState {
  const undone = state.future.at(-1)
  if (undone === undefined) return withNote(state, 'there is nothing to do again')
  const { before, ...next } = exchanged(state, undone.before)
  const past = [...state.past, { before, label: undone.label }]
  return showing({ ...state, ...next, past, future: state.future.slice(0, -1) }, undone, `done again: ${undone.label}`)
}

/** One verdict for the row of the cursor, or for what is undecided in its group; then on to the next undecided row. */
export function decideHere(state: ReviewState, verdictOf: (row: ResultRow) => Verdict | null): ReviewState {
  const entry = entryAt(state)
  if (entry === undefined) return state
  const rows = entry.kind === 'row' ? [entry.row] : entry.rows.filter(({ id }) => !state.verdicts.has(id))
  const given = verdictsFor(rows, verdictOf)
  const [first] = given.values()
  if (first === undefined) return withNote(state, `there is nothing to decide in ${placeOf(entry)}`)
  const decided = decide(state, given, `${first.verdict.toLowerCase()} ${placeOf(entry, given.size)}`)
  return toNextUndecided(decided)
}

/** Accepts what a strategy means of all rows shown that nobody decided about in this sitting. */
export function takeStrategy(state: ReviewState, strategy: Exclude<Strategy, 'one-by-one'>): ReviewState {
  if (state.loading === 'loading') {
    return withNote({ ...state, awaited: strategy }, 'taken up when all rows are read')
  }
  const open = state.view.rows.filter(({ id }) => !state.verdicts.has(id))
  const wanted = strategy === 'accept-high' ? open.filter(({ band }) => band === 'High') : open
  const given = verdictsFor(wanted, (row) => (strategy === 'reject-all' ? rejection(row) : acceptFirst(row)))
  if (given.size === 0) {
    return withNote(
      { ...state, awaited: null },
      strategy === 'accept-high' ? 'no undecided row is High' : 'nothing undecided is shown',
    )
  }
  const words = strategy === 'reject-all' ? 'rejected' : 'accepted'
  const decided = decide({ ...state, awaited: null }, given, `${words} ${counted(given.size, 'row')}`)
  return withNote(toNextUndecided(decided), `${counted(given.size, 'row')} ${words}; u takes it back`)
}

/** The next row nobody decided about, below the cursor and then from the top; stays where there is none. */
export function toNextUndecided(state: ReviewState): ReviewState {
  const { entries } = state.view
  const isOpen = (index: number) => {
    const entry = entries[index]
    return entry?.kind === 'row' && !state.verdicts.has(entry.row.id)
  }
  for (let step = 1; step <= entries.length; step += 1) {
    const index = (state.cursor + step) % entries.length
    if (isOpen(index)) return { ...state, cursor: index, detailTop: 0 }
  }
  return withNote(
    state,
    state.loading === 'loading' ? 'more rows are being read' : 'all rows shown are decided: q finishes',
  )
}

function acceptFirst(row: ResultRow): Verdict | null {
  const [alternative] = acceptable(row)
  return alternative === undefined ? null : { verdict: 'Accept', alternative }
}

function rejection(row: ResultRow): Verdict | null {
  return acceptable(row).length === 0 ? null : { verdict: 'Reject' }
}

function verdictsFor(rows: readonly ResultRow[], verdictOf: (row: ResultRow) => Verdict | null): Map<string, Verdict> {
  const given = new Map<string, Verdict>()
  for (const row of rows) {
    const verdict = verdictOf(row)
    if (verdict !== null) given.set(row.id, verdict)
  }
  return given
}

function exchanged(state: ReviewState, given: ReadonlyMap<string, Verdict | undefined>) {
  const { verdicts, before } = exchange(state.verdicts, given)
  return { before, verdicts, counts: changedCounts(state.counts, before.values(), given.values()) }
}

/** The cursor goes to where something changed, if it can be seen. */
function showing(state: ReviewState, { before }: Done, note: string): ReviewState {
  const at = state.view.entries.findIndex((entry) => entry.kind === 'row' && before.has(entry.row.id))
  return withNote(at === -1 ? state : { ...state, cursor: at, detailTop: 0 }, note)
}

function placeOf(entry: NonNullable<ReturnType<typeof entryAt>>, count = 0): string {
  if (entry.kind === 'row') return entry.row.path
  return count === 0 ? entry.key : `${counted(count, 'row')} of ${entry.key}`
}
