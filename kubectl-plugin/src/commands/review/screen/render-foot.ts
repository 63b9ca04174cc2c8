import { counted } from '../../../output/figures.ts'
import { acceptable, countsInWords } from '../verdict.ts'
import { glyphsFor } from './glyphs.ts'
import { entryAt, type ReviewState } from './state.ts'
import {
  cutLine,
  headOf,
  type Line,
  type Look,
  plain,
  type Span,
  shown,
  styled,
  tailOf,
  widthOf,
} from './styled-line.ts'
import type { TextEditor } from './text-editor.ts'

export interface Foot {
  /** Lines of a text that is being written, its head first. */
  readonly entry: readonly Line[]
  readonly status: Line
  readonly keys: Line
  readonly cursor: { readonly place: 'entry' | 'status'; readonly row: number; readonly column: number } | null
}

/** What stands below list and detail. Pure. */
export function footOf(state: ReviewState, look: Look): Foot {
  const { mode } = state
  if (mode.kind === 'edit') return editFoot(state, mode.editor, look)
  const keys = keysLine(state, look)
  if (mode.kind === 'filter') {
    const line = oneLine(mode.editor, state.size.columns - 12, look)
    const found = state.filter.kind === 'problem' ? state.filter.problem : counted(state.view.rows.length, 'row')
    const status: Line = [styled('bold', ' filter: '), plain(line.text), styled('dim', `   ${shown(found, look)}`)]
    return { entry: [], keys, status, cursor: { place: 'status', row: 0, column: 9 + line.column } }
  }
  return { entry: [], keys, status: statusLine(state, look), cursor: null }
}

/** The lines of an entry that fit, those at its end. */
export function displayRows(lines: readonly Line[], rows: number): readonly Line[] {
  return lines.slice(lines.length - rows)
}

function statusLine(state: ReviewState, look: Look): Line {
  if (state.note !== null) return noteLine(state, state.note, look)
  const dot = ` ${glyphsFor(look).dot} `
  const parts = [
    countsInWords(state.counts),
    ...(state.filterText === ''
      ? []
      : [`filter ${state.filterText}: ${state.view.rows.length} of ${state.rows.length}`]),
    ...(state.sort === 'path' ? [] : [`by ${state.sort}`]),
    ...(state.awaited === null || state.awaited === 'one-by-one' ? [] : [`${state.awaited} when all rows are read`]),
    ...(typeof state.loading === 'string' ? [] : [state.loading.problem]),
  ]
  return [styled('dim', ` ${shown(parts.join(dot), look)}`)]
}

/** A note for the reviewer, with the counts in short at its right. */
function noteLine(state: ReviewState, text: string, look: Look): Line {
  const glyphs = glyphsFor(look)
  const { accepted, skipped, rejected } = state.counts
  const counts = ` ${glyphs.accepted}${accepted} ${glyphs.skipped}${skipped} ${glyphs.rejected}${rejected} `
  const note = cutLine([styled('yellow', ` ${shown(text, look)}`)], state.size.columns - widthOf(counts), look)
  const width = note.reduce((sum, { text: part }) => sum + widthOf(part), 0)
  const between = ' '.repeat(Math.max(0, state.size.columns - width - widthOf(counts)))
  return [...note, plain(between), styled('dim', counts)]
}

const keysOf: Readonly<Record<Exclude<ReviewState['mode']['kind'], 'browse'>, readonly (readonly [string, string])[]>> =
  {
    resume: [
      ['y', 'take up'],
      ['l', 'leave'],
      ['t', 'throw away'],
    ],
    opening: [
      ['1-4', 'choose'],
      ['Enter', 'one by one'],
    ],
    edit: [
      ['Enter', 'accept'],
      ['Alt-Enter', 'new line'],
      ['Ctrl-E', 'editor'],
      ['Esc', 'leave'],
    ],
    filter: [
      ['Enter', 'keep'],
      ['Esc', 'as before'],
      ['', 'words  /pattern/  band:low  state:  kind:  table:  is:undecided'],
    ],
    help: [
      ['up, down', 'scroll'],
      ['any other key', 'back'],
    ],
    versions: [
      ['up, down', 'scroll'],
      ['any other key', 'back'],
    ],
    leave: [
      ['r', 'record'],
      ['k', 'keep'],
      ['t', 'throw away'],
      ['b', 'back'],
    ],
  }

/** The keys that mean something here, as many as fit; those that matter most come first. */
function keysLine(state: ReviewState, look: Look): Line {
  const pairs = state.mode.kind === 'browse' ? browseKeys(state) : keysOf[state.mode.kind]
  const line: Span[] = []
  let left = state.size.columns
  for (const [key, does] of pairs) {
    const words = `${key === '' ? '' : ' '}${shown(does, look)} `
    left -= widthOf(key) + widthOf(words) + 1
    if (left < 0 && line.length > 0) break
    line.push(plain(' '), styled('bold', key), styled('dim', words))
  }
  return line
}

function browseKeys(state: ReviewState): readonly (readonly [string, string])[] {
  const entry = entryAt(state)
  const numbers = entry?.kind === 'row' ? acceptable(entry.row) : []
  const last = numbers.at(-1)
  return [
    ...(entry?.kind === 'group'
      ? [['1', 'accept group'] as const, ['Enter', entry.open ? 'close' : 'open'] as const]
      : []),
    ...(last === undefined ? [] : [[numbers.length === 1 ? `${last}` : `${numbers[0]}-${last}`, 'accept'] as const]),
    ['o', 'own'],
    ['s', 'skip'],
    ['r', 'reject'],
    ['u', 'undo'],
    ['/', 'filter'],
    ['?', 'help'],
    ['q', 'finish'],
    ['e', 'edit'],
    ['n', 'next'],
    ['g', 'group'],
    ['S', 'sort'],
    ['d', 'diff'],
    ['v', 'versions'],
    ['Tab', 'pane'],
  ]
}

function editFoot(state: ReviewState, editor: TextEditor, look: Look): Foot {
  const { columns } = state.size
  const row = state.mode.kind === 'edit' ? state.mode.row.path : ''
  const rule = glyphsFor(look).left
  const title = ` ${shown(row, look)} `
  const head: Line = [styled('cyan', `${rule}${rule}${title}${rule.repeat(Math.max(0, columns - widthOf(title) - 2))}`)]
  const { lines, row: cursorRow, column } = laidOut(editor, columns - 3, look)
  // At most six lines are seen of a long text: those around the cursor.
  const from = Math.max(0, Math.min(cursorRow - 4, lines.length - 6))
  const seen = lines.slice(from, from + 6)
  return {
    entry: [head, ...seen.map((line): Line => [plain('  '), plain(line)])],
    status: statusLine(state, look),
    keys: keysLine(state, look),
    cursor: { place: 'entry', row: 1 + cursorRow - from, column: 2 + column },
  }
}

/** The text in lines of the screen, and the cursor's place in them. */
function laidOut({ text, at }: TextEditor, columns: number, look: Look) {
  const lines: string[] = []
  let row = 0
  let column = 0
  let start = 0
  for (const line of text.split('\n')) {
    const pieces = hardLines(line, columns, look)
    const inLine = at - start
    if (inLine >= 0 && inLine <= line.length) {
      const before = hardLines(line.slice(0, inLine), columns, look)
      row = lines.length + before.length - 1
      column = widthOf(before.at(-1) ?? '')
    }
    lines.push(...pieces)
    start += line.length + 1
  }
  return { lines, row, column }
}

/** A line cut where the screen ends, between words or not: so the cursor's place follows from what stands before it. */
function hardLines(line: string, columns: number, look: Look): string[] {
  const pieces: string[] = []
  let rest = shown(line, look)
  while (widthOf(rest) > columns) {
    const piece = headOf(rest, columns) || rest.slice(0, 1)
    pieces.push(piece)
    rest = rest.slice(piece.length)
  }
  return [...pieces, rest]
}

/** The part of a single line around its cursor that fits. */
function oneLine({ text, at }: TextEditor, columns: number, look: Look): { text: string; column: number } {
  const before = tailOf(shown(text.slice(0, at), look), columns - 1)
  const after = headOf(shown(text.slice(at), look), columns - widthOf(before))
  return { text: before + after, column: widthOf(before) }
}
