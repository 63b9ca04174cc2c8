import { acceptable, type Verdict } from '../verdict.ts'
import { decide, decideHere, redo, takeStrategy, toNextUndecided, undo } from './decide.ts'
import type { Key } from './key.ts'
import { layoutOf } from './layout.ts'
import { detailHeight } from './render-detail.ts'
import { groupings, groupKeys, sorts } from './row-view.ts'
import {
  beginEditing,
  entryAt,
  type ReviewState,
  rowAt,
  type Stepped,
  withFilter,
  withGroups,
  withNote,
  withView,
} from './state.ts'
import { editorOf } from './text-editor.ts'

/** What a key means while rows are looked through. Pure. */
export function browseKey(state: ReviewState, key: Key): Stepped {
  const row = rowAt(state)
  switch (key.name) {
    case 'q':
      return finish(state)
    case 'v':
      if (row === undefined) return only(withNote(state, 'versions are of a row'))
      return {
        state: { ...state, mode: { kind: 'versions', row, versions: null, problem: null, top: 0 } },
        effects: [{ kind: 'read-versions', row }],
      }
    default:
      return only(move(state, key.name) ?? judge(state, key.name) ?? arrange(state, key.name) ?? unknown(state, key))
  }
}

function finish(state: ReviewState): Stepped {
  if (state.verdicts.size === 0) return { state, effects: [{ kind: 'end', how: 'discard' }] }
  return only({ ...state, mode: { kind: 'leave', because: 'finished' } })
}

function move(state: ReviewState, name: string): ReviewState | null {
  const { bodyRows } = layoutOf(state.size)
  switch (name) {
    case 'up':
    case 'k':
      return by(state, -1)
    case 'down':
    case 'j':
      return by(state, 1)
    case 'pageup':
    case 'ctrl-b':
      return by(state, -Math.max(1, bodyRows - 1))
    case 'pagedown':
    case 'ctrl-f':
    case ' ':
      return by(state, Math.max(1, bodyRows - 1))
    case 'home':
      return by(state, Number.NEGATIVE_INFINITY)
    case 'end':
    case 'G':
      return by(state, Number.POSITIVE_INFINITY)
    case 'b':
    case 'p':
      return toRow(state, -1)
    case 'n':
      return toNextUndecided(state)
    case 'tab':
    case 'shift-tab':
      return { ...state, pane: state.pane === 'list' ? 'detail' : 'list', detailTop: 0 }
    case 'left':
    case 'right':
    case 'enter':
      return openOrEnter(state, name)
    default:
      return null
  }
}

/** Moves the cursor, or scrolls the detail where that has the keys. */
function by(state: ReviewState, lines: number): ReviewState {
  if (state.pane === 'detail') {
    const most = Math.max(0, detailHeight(state) - layoutOf(state.size).bodyRows)
    return { ...state, detailTop: clamp(state.detailTop + lines, most) }
  }
  const cursor = clamp(state.cursor + lines, state.view.entries.length - 1)
  return cursor === state.cursor ? state : { ...state, cursor, detailTop: 0 }
}

function toRow(state: ReviewState, direction: -1 | 1): ReviewState {
  const { entries } = state.view
  for (let index = state.cursor + direction; index >= 0 && index < entries.length; index += direction) {
    if (entries[index]?.kind === 'row') return { ...state, cursor: index, detailTop: 0 }
  }
  return withNote(state, direction === -1 ? 'this is the first row' : 'this is the last row')
}

/** On the head of a group the arrows close and open it; on a row they change the pane, or close its group. */
function openOrEnter(state: ReviewState, name: 'left' | 'right' | 'enter'): ReviewState {
  const entry = entryAt(state)
  if (entry?.kind === 'group') {
    const close = name === 'enter' ? entry.open : name === 'left'
    const closed = new Set(state.closed)
    if (close) closed.add(entry.key)
    else closed.delete(entry.key)
    return withView({ ...state, closed })
  }
  if (name === 'right' || name === 'enter') return { ...state, pane: 'detail' }
  if (state.pane === 'detail') return { ...state, pane: 'list' }
  const head = state.view.entries.findLastIndex((one, index) => one.kind === 'group' && index < state.cursor)
  return head === -1 ? state : { ...state, cursor: head }
}

function judge(state: ReviewState, name: string): ReviewState | null {
  if (/^[1-9]$/.test(name)) return acceptNumber(state, Number(name))
  switch (name) {
    case 's':
      return decideHere(state, () => ({ verdict: 'Skip' }))
    case 'r':
      return decideHere(state, () => ({ verdict: 'Reject' }))
    case 'x':
      return takeBack(state)
    case 'o':
      return edit(state, null)
    case 'e':
      return edit(state, firstOf(state))
    case 'u':
    case 'ctrl-_':
      return undo(state)
    case 'U':
    case 'ctrl-r':
      return redo(state)
    case 'a':
      return takeStrategy(state, 'accept-all')
    case 'h':
      return takeStrategy(state, 'accept-high')
    default:
      return null
  }
}

function acceptNumber(state: ReviewState, alternative: number): ReviewState {
  const row = rowAt(state)
  if (row !== undefined && !acceptable(row).includes(alternative)) {
    if (row.lock) return withNote(state, `locked by ${row.lock.run}: its accepted version holds this asset`)
    const numbers = acceptable(row).join(', ')
    return withNote(
      state,
      numbers === '' ? 'there is nothing to accept here; o writes a text of your own' : `there is ${numbers}`,
    )
  }
  return decideHere(state, (one) => (acceptable(one).includes(alternative) ? { verdict: 'Accept', alternative } : null))
}

/** Takes back this sitting's verdict, or what was decided and recorded before. */
function takeBack(state: ReviewState): ReviewState {
  const row = rowAt(state)
  if (row === undefined) return withNote(state, 'x is for a row')
  if (state.verdicts.has(row.id)) return decide(state, new Map([[row.id, undefined]]), `verdict about ${row.path}`)
  if (row.state === 'Unreviewed') return withNote(state, 'nothing is decided here')
  return decideHere(state, () => ({ verdict: 'Restore' }))
}

function edit(state: ReviewState, alternative: number | null): ReviewState {
  const row = rowAt(state)
  if (row === undefined) return withNote(state, 'a text is written for a row')
  if (row.lock) return withNote(state, `locked by ${row.lock.run}: its accepted version holds this asset`)
  const verdict = state.verdicts.get(row.id)
  // Words of one's own are taken up again.
  if (verdict !== undefined && 'text' in verdict && (alternative === null) === (verdict.edits === null)) {
    return { ...state, mode: beginEditing(row, verdict.text, verdict.edits) }
  }
  const text = alternative === null ? '' : (row.alternatives[alternative - 1]?.text ?? '')
  return { ...state, mode: beginEditing(row, text, alternative) }
}

/** The alternative that would be edited: the one that was chosen, else the first that is there. */
function firstOf(state: ReviewState): number | null {
  const row = rowAt(state)
  const verdict: Verdict | undefined = row && state.verdicts.get(row.id)
  if (verdict !== undefined && 'alternative' in verdict) return verdict.alternative
  if (verdict !== undefined && 'text' in verdict) return verdict.edits
  return (row && acceptable(row)[0]) ?? null
}

function arrange(state: ReviewState, name: string): ReviewState | null {
  switch (name) {
    case 'f':
    case '/':
      return {
        ...state,
        mode: { kind: 'filter', editor: editorOf(state.filterText, 'one'), before: state.filterText },
      }
    case 'escape':
      if (state.pane === 'detail') return { ...state, pane: 'list' }
      return state.filterText === '' ? state : withFilter(state, '')
    case 'g': {
      const grouping = after(groupings, state.grouping)
      return withNote(
        withGroups({ ...state, grouping, closed: new Set() }),
        grouping === 'none' ? 'not grouped' : `grouped by ${grouping}`,
      )
    }
    case 'c':
      return closeAll(state)
    case 'S': {
      const sort = after(sorts, state.sort)
      return withNote(withGroups({ ...state, sort }), `sorted by ${sort}`)
    }
    case 'd':
      return { ...state, diff: !state.diff }
    case '?':
      return { ...state, mode: { kind: 'help', top: 0 } }
    case 'ctrl-l':
      return state
    default:
      return null
  }
}

function closeAll(state: ReviewState): ReviewState {
  const keys = groupKeys(state.view)
  if (keys.length === 0) return withNote(state, 'there are no groups; g makes some')
  return withView({ ...state, closed: keys.every((key) => state.closed.has(key)) ? new Set() : new Set(keys) })
}

function after<Item>(items: readonly Item[], item: Item): Item {
  return items[(items.indexOf(item) + 1) % items.length] ?? item
}

function unknown(state: ReviewState, { name, text }: Key): ReviewState {
  if (name === 'paste') return withNote(state, 'o writes a text of your own')
  return withNote(state, `${text === '' ? name : `"${text}"`} means nothing here; ? lists the keys`)
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most))
}

function only(state: ReviewState): Stepped {
  return { state, effects: [] }
}
