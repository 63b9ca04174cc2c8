import { glyphsFor } from './glyphs.ts'
import { layoutOf } from './layout.ts'
import { detailLines } from './render-detail.ts'
import { dialogLines } from './render-dialog.ts'
import { displayRows, type Foot, footOf } from './render-foot.ts'
import { type ListLine, listLines } from './render-list.ts'
import type { ReviewState } from './state.ts'
import { ansiLine, cutLine, type Line, type Look, padded, plain, shown, styled, widthOf } from './styled-line.ts'

export interface Frame {
  /** One string per line of the screen, with colours and moves within the line. */
  readonly lines: readonly string[]
  /** Where the terminal's own cursor is shown, counted from 0; null hides it. */
  readonly cursor: { readonly row: number; readonly column: number } | null
}

/** The whole screen. Pure. */
export function render(state: ReviewState, look: Look): Frame {
  const layout = layoutOf(state.size)
  const { columns } = state.size
  const foot: Foot = footOf(state, look)
  const entryRows = Math.min(foot.entry.length, layout.bodyRows)
  const body = bodyLines(state, look, layout.bodyRows - entryRows)
  const entry = displayRows(foot.entry, entryRows).map((line) => ansiLine(cutLine(line, columns, look), look))
  const lines = [
    ...(layout.headRows === 0 ? [] : [headLine(state, look)]),
    ...body,
    ...entry,
    ansiLine(cutLine(foot.status, columns, look), look),
    ...(layout.keyRows === 0 ? [] : [ansiLine(cutLine(foot.keys, columns, look), look)]),
  ]
  const { cursor } = foot
  if (cursor === null) return { lines, cursor: null }
  const entryTop =
    layout.headRows + body.length + (foot.entry.length - entryRows === 0 ? 0 : entryRows - foot.entry.length)
  const row = cursor.place === 'entry' ? entryTop + cursor.row : layout.headRows + layout.bodyRows
  return { lines, cursor: { row, column: Math.min(cursor.column, columns - 1) } }
}

function headLine(state: ReviewState, look: Look): string {
  const { columns } = state.size
  const glyphs = glyphsFor(look)
  const of = Math.max(state.total, state.rows.length)
  const reading = state.loading === 'loading' ? `reading ${state.rows.length} of ${of}  ` : ''
  const decided = `${state.verdicts.size} of ${of} decided `
  const barColumns = columns >= 100 ? 20 : 0
  const done = of === 0 ? 0 : Math.round((state.verdicts.size / of) * barColumns)
  const bar = barColumns === 0 ? '' : `${glyphs.done.repeat(done)}${glyphs.left.repeat(barColumns - done)} `
  const right = `${reading}${bar}${decided}`
  const left = cutLine([plain(` review ${shown(state.run, look)}`)], Math.max(8, columns - widthOf(right) - 1), look)
  const text = left.map(({ text: part }) => part).join('')
  const whole = padded(text, columns - widthOf(right)) + right
  return ansiLine(cutLine([styled('bold', whole)], columns, look), look, 'reverse')
}

/** List and detail beside each other, one of them, or what stands in their place; exactly `rows` lines. */
function bodyLines(state: ReviewState, look: Look, rows: number): string[] {
  const layout = layoutOf(state.size)
  const dialog = dialogLines(state, state.size.columns, look)
  if (dialog !== null)
    return filled(dialog, rows).map((line) => ansiLine(cutLine(line, state.size.columns, look), look))
  const editing = state.mode.kind === 'edit'
  const onlyDetail = layout.panes === 'one' && (state.pane === 'detail' || editing)
  const list = onlyDetail ? [] : listLines(scrolledFor(state, rows), layout.listColumns, rows, look)
  const all = layout.panes === 'one' && !onlyDetail ? [] : detailLines(state, layout.detailColumns, look)
  const detail = all.slice(state.detailTop, state.detailTop + rows)
  if (layout.panes === 'one') {
    return onlyDetail
      ? filled(detail, rows).map((line) => ansiLine(line, look))
      : filledList(list, rows, layout.listColumns, look)
  }
  const bar = ansiLine([styled(state.pane === 'detail' ? 'cyan' : 'dim', glyphsFor(look).bar)], look)
  const left = filledList(list, rows, layout.listColumns, look)
  const more = all.length > state.detailTop + rows
  return left.map((line, index) => {
    const last = more && index === rows - 1
    const right: Line = last ? [styled('dim', `${look.unicode ? '…' : '...'} Tab, then down`)] : (detail[index] ?? [])
    // The terminal may count columns of rare characters otherwise; so the pane begins where it is told to.
    return `${line}\u001b[${layout.listColumns + 1}G${bar} ${ansiLine(cutLine(right, layout.detailColumns, look), look)}`
  })
}

/** The list while fewer lines are there for it than usual: the cursor stays in view. */
function scrolledFor(state: ReviewState, rows: number): ReviewState {
  return state.cursor - state.top < rows ? state : { ...state, top: state.cursor - rows + 1 }
}

function filled(lines: readonly Line[], rows: number): Line[] {
  return Array.from({ length: rows }, (_, index) => lines[index] ?? [])
}

function filledList(list: readonly ListLine[], rows: number, columns: number, look: Look): string[] {
  return Array.from({ length: rows }, (_, index) => {
    const item = list[index]
    if (item === undefined) return ''
    if (!item.here) return ansiLine(item.line, look)
    const width = item.line.reduce((sum, { text }) => sum + widthOf(text), 0)
    return ansiLine([...item.line, plain(' '.repeat(Math.max(0, columns - width - 1)))], look, 'reverse')
  })
}
