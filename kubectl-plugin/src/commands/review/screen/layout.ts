import type { ReviewState, Size } from './state.ts'

export interface Layout {
  /** Whether list and detail stand beside each other; else one of them fills the screen, and Tab changes between them. */
  readonly panes: 'both' | 'one'
  readonly listColumns: number
  readonly detailColumns: number
  /** Lines between the head and the foot. */
  readonly bodyRows: number
  readonly headRows: number
  readonly keyRows: number
}

const leastForBoth = 72
const leastForHead = 8

/** How a screen of some size is divided. Pure. */
export function layoutOf({ columns, rows }: Size): Layout {
  const tall = rows >= leastForHead
  const headRows = tall ? 1 : 0
  const keyRows = tall ? 1 : 0
  const shared = { headRows, keyRows, bodyRows: Math.max(1, rows - headRows - keyRows - 1) }
  if (columns < leastForBoth) return { ...shared, panes: 'one', listColumns: columns, detailColumns: columns }
  const listColumns = Math.floor(columns * (columns < 100 ? 0.45 : 0.5))
  return { ...shared, panes: 'both', listColumns, detailColumns: columns - listColumns - 2 }
}

/** The state scrolled so that the cursor is on the screen. */
export function withCursorShown(state: ReviewState): ReviewState {
  const { bodyRows } = layoutOf(state.size)
  const { cursor, view } = state
  const last = Math.max(0, view.entries.length - bodyRows)
  // The head of a group comes along with its first row.
  const above = cursor > 0 && view.entries[cursor - 1]?.kind === 'group' ? cursor - 1 : cursor
  const top = Math.max(Math.min(state.top, above, last), cursor - bodyRows + 1, 0)
  return top === state.top ? state : { ...state, top }
}
