import type { ResultRow } from '@amx/api'
import { counted } from '../../../output/figures.ts'
import { type KeptVerdict, whatWasSeen } from '../kept-verdicts.ts'
import { browseKey } from './browse-keys.ts'
import { decide, takeStrategy, toNextUndecided } from './decide.ts'
import { editKey, filterKey, helpKey, versionsKey } from './entry-keys.ts'
import type { Key } from './key.ts'
import { withCursorShown } from './layout.ts'
import {
  beginEditing,
  browse,
  type Effect,
  type Mode,
  type ReviewEvent,
  type ReviewState,
  type Stepped,
  withArrived,
  withNote,
} from './state.ts'

/** What an event makes of the screen, and what the world outside is to do. Pure. */
export function step(state: ReviewState, event: ReviewEvent): Stepped {
  const { state: next, effects } = stepped(state, event)
  return { state: withCursorShown(next), effects }
}

function stepped(state: ReviewState, event: ReviewEvent): Stepped {
  switch (event.kind) {
    case 'key':
      return onKey({ ...state, note: null }, event.key)
    case 'resize':
      return only({ ...state, size: event.size })
    case 'rows':
      return only(withRows(state, event.rows, event.total))
    case 'complete':
      return only(completed(placed(state)))
    case 'load-failed':
      return only(withNote({ ...placed(state), loading: { problem: event.problem } }, event.problem))
    case 'versions':
      return only(withVersions(state, event.rowId, { versions: event.versions }))
    case 'versions-failed':
      return only(withVersions(state, event.rowId, { problem: event.problem }))
    case 'edited':
      return only(edited(state, event.text, event.problem))
  }
}

function onKey(state: ReviewState, key: Key): Stepped {
  if (key.name === 'ctrl-z') return { state, effects: [{ kind: 'suspend' }] }
  if (key.name === 'ctrl-c' && state.mode.kind !== 'leave') return interrupted(state)
  switch (state.mode.kind) {
    case 'resume':
      return resumeKey(state, key)
    case 'opening':
      return key.name === 'q' ? end(state, 'discard') : only(openingKey(state, key))
    case 'browse':
      return browseKey(state, key)
    case 'edit':
      return editKey(state, state.mode, key)
    case 'filter':
      return only(filterKey(state, state.mode, key))
    case 'help':
      return only(helpKey(state, state.mode, key))
    case 'versions':
      return only(versionsKey(state, state.mode, key))
    case 'leave':
      return leaveKey(state, state.mode, key)
  }
}

/** Ctrl-C leaves at once where nothing would be lost, and asks where something would. */
function interrupted(state: ReviewState): Stepped {
  if (state.verdicts.size === 0) return end(state, 'discard')
  return only({ ...state, mode: { kind: 'leave', because: 'interrupted' } })
}

function leaveKey(state: ReviewState, mode: Extract<Mode, { kind: 'leave' }>, key: Key): Stepped {
  switch (key.name) {
    case 'enter':
      // Whoever pressed Ctrl-C did not say that the work is done.
      return end(state, mode.because === 'finished' ? 'record' : 'keep')
    case 'y':
    case 'r':
      return end(state, 'record')
    case 'k':
    case 'ctrl-c':
      return end(state, 'keep')
    case 't':
      return end(state, 'discard')
    case 'b':
    case 'n':
    case 'escape':
      return only(browse(state))
    default:
      return only(withNote(state, 'r, k, t or b'))
  }
}

function resumeKey(state: ReviewState, key: Key): Stepped {
  const after: Mode = { kind: 'opening' }
  switch (key.name) {
    case 'y':
    case 'enter':
      return only(taken({ ...browse(state), keptAre: 'taken', awaited: null }))
    case 'n':
    case 'l':
    case 'escape':
      return only({ ...state, mode: after, kept: [], keptAre: 'left' })
    case 't':
      return only({ ...state, mode: after, kept: [], keptAre: 'taken' })
    default:
      return only(withNote(state, 'y, l or t'))
  }
}

function openingKey(state: ReviewState, { name }: Key): ReviewState {
  switch (name) {
    case '1':
    case 'enter':
    case 'escape':
      return browse(state)
    case '2':
    case 'h':
      return takeStrategy(browse(state), 'accept-high')
    case '3':
    case 'a':
      return takeStrategy(browse(state), 'accept-all')
    case '4':
    case 'r':
      return takeStrategy(browse(state), 'reject-all')
    default:
      return withNote(state, '1, 2, 3 or 4')
  }
}

/** Rows are put in their places only when there are a tenth more: each time all of the list is made anew. */
const leastArrived = 0.1

/** Rows that came. Kept verdicts that are taken up wait for their rows. */
function withRows(state: ReviewState, rows: readonly ResultRow[], total: number): ReviewState {
  const next = { ...state, arrived: [...state.arrived, ...rows], total: Math.max(state.total, total) }
  return next.arrived.length < state.rows.length * leastArrived ? next : placed(next)
}

function placed(state: ReviewState): ReviewState {
  if (state.arrived.length === 0) return state
  const next = withArrived(state)
  const begun = state.rows.length === 0 ? { ...next, cursor: firstRow(next) } : next
  return state.keptAre === 'taken' ? taken(begun) : begun
}

function completed(all: ReviewState): ReviewState {
  const state: ReviewState = { ...all, loading: 'complete', total: all.rows.length }
  const { awaited } = state
  const elsewhere = state.keptAre === 'taken' ? state.kept.length : 0
  const noted =
    elsewhere === 0
      ? state
      : withNote(state, `${counted(elsewhere, 'kept verdict')} about rows that are not read: they stay kept`)
  if (awaited === null || awaited === 'one-by-one') return noted
  return takeStrategy(noted, awaited)
}

/** Takes kept verdicts up for the rows that are there. Those about rows that are others now are shown instead. */
function taken(state: ReviewState): ReviewState {
  if (state.kept.length === 0 || state.rows.length === 0) return state
  const waiting: KeptVerdict[] = []
  const given = new Map<string, KeptVerdict['verdict']>()
  const changed = new Set(state.changed)
  for (const kept of state.kept) {
    const row = state.byId.get(kept.rowId)
    if (row === undefined) waiting.push(kept)
    else if (whatWasSeen(row) === kept.seen) given.set(kept.rowId, kept.verdict)
    else changed.add(kept.rowId)
  }
  const known = { ...state, kept: waiting, changed }
  if (given.size === 0 && changed.size === state.changed.size) return known
  const decided = given.size === 0 ? known : decide(known, given, `${counted(given.size, 'verdict')} taken up`)
  const others = changed.size === 0 ? '' : `; ${counted(changed.size, 'row')} changed since: filter is:changed`
  const moved = state.changed.size + state.past.length === 0 ? toNextUndecided({ ...decided, cursor: -1 }) : decided
  return withNote(
    { ...moved, cursor: Math.max(0, moved.cursor) },
    `${counted(state.verdicts.size + given.size, 'verdict')} taken up${others}`,
  )
}

function withVersions(
  state: ReviewState,
  rowId: string,
  found: { readonly versions?: Extract<Mode, { kind: 'versions' }>['versions']; readonly problem?: string },
): ReviewState {
  if (state.mode.kind !== 'versions' || state.mode.row.id !== rowId) return state
  return { ...state, mode: { ...state.mode, versions: found.versions ?? null, problem: found.problem ?? null } }
}

function edited(state: ReviewState, text: string | null, problem: string | undefined): ReviewState {
  if (state.mode.kind !== 'edit') return state
  if (text === null) return withNote(state, problem ?? 'nothing was written')
  return { ...state, mode: beginEditing(state.mode.row, text, state.mode.edits) }
}

function firstRow({ view }: ReviewState): number {
  return Math.max(
    0,
    view.entries.findIndex(({ kind }) => kind === 'row'),
  )
}

function end(state: ReviewState, how: Extract<Effect, { kind: 'end' }>['how']): Stepped {
  return { state, effects: [{ kind: 'end', how }] }
}

function only(state: ReviewState): Stepped {
  return { state, effects: [] }
}
