import { decide, toNextUndecided } from './decide.ts'
import type { Key } from './key.ts'
import { layoutOf } from './layout.ts'
import { browse, type Mode, type ReviewState, type Stepped, withFilter, withNote } from './state.ts'
import { editText } from './text-editor.ts'

const longestText = 16_384

/** What a key means while a text is written. Pure. */
export function editKey(state: ReviewState, mode: Extract<Mode, { kind: 'edit' }>, key: Key): Stepped {
  switch (key.name) {
    case 'escape':
      return only(withNote(browse(state), 'nothing was written'))
    case 'enter':
      return only(written(state, mode))
    case 'ctrl-e':
      return { state, effects: [{ kind: 'open-editor', row: mode.row, text: mode.editor.text }] }
    default: {
      const editor = editText(mode.editor, key)
      return only(editor === null ? state : { ...state, mode: { ...mode, editor } })
    }
  }
}

function written(state: ReviewState, { row, editor, edits }: Extract<Mode, { kind: 'edit' }>): ReviewState {
  const text = editor.text.trim()
  if (text === '') return withNote(state, 'there is no text yet; Esc leaves it')
  if (text.length > longestText) return withNote(state, `a description has at most ${longestText} characters`)
  const unchanged = edits !== null && text === row.alternatives[edits - 1]?.text.trim()
  const verdict = unchanged
    ? ({ verdict: 'Accept', alternative: edits } as const)
    : ({ verdict: 'Accept', text, edits } as const)
  return toNextUndecided(decide(browse(state), new Map([[row.id, verdict]]), `text of ${row.path}`))
}

/** What a key means while a filter is written: the list follows every key. Pure. */
export function filterKey(state: ReviewState, mode: Extract<Mode, { kind: 'filter' }>, key: Key): ReviewState {
  switch (key.name) {
    case 'escape':
      return withFilter(browse(state), mode.before)
    case 'enter':
    case 'down': {
      const shown = browse({ ...state, pane: 'list' })
      return state.filter.kind === 'problem' ? withNote(state, state.filter.problem) : shown
    }
    default: {
      const editor = editText(mode.editor, key)
      if (editor === null) return state
      const typing = { ...state, mode: { ...mode, editor } }
      return editor.text === mode.editor.text ? typing : withFilter(typing, editor.text)
    }
  }
}

export function helpKey(state: ReviewState, mode: Extract<Mode, { kind: 'help' }>, key: Key): ReviewState {
  const top = scrolled(mode.top, key.name, layoutOf(state.size).bodyRows)
  return top === null ? browse(state) : { ...state, mode: { ...mode, top } }
}

export function versionsKey(state: ReviewState, mode: Extract<Mode, { kind: 'versions' }>, key: Key): ReviewState {
  const top = scrolled(mode.top, key.name, layoutOf(state.size).bodyRows)
  return top === null ? browse(state) : { ...state, mode: { ...mode, top } }
}

/** Where a text that is only read stands after a key; null for a key that leaves it. */
function scrolled(top: number, name: string, page: number): number | null {
  switch (name) {
    case 'down':
    case 'j':
      return top + 1
    case 'up':
    case 'k':
      return Math.max(0, top - 1)
    case 'pagedown':
    case ' ':
      return top + page
    case 'pageup':
      return Math.max(0, top - page)
    case 'home':
      return 0
    default:
      return null
  }
}

function only(state: ReviewState): Stepped {
  return { state, effects: [] }
}
