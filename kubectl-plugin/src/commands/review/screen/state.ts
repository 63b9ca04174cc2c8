import type { ResultRow, VersionRow } from '@amx/api'
import type { KeptVerdict } from '../kept-verdicts.ts'
import { noVerdicts, type Verdict, type VerdictCounts } from '../verdict.ts'
import type { Key } from './key.ts'
import { type ReadFilter, type RowFilter, readFilter } from './row-filter.ts'
import {
  type Entry,
  type Grouping,
  groupRows,
  inPathOrder,
  type RowGroup,
  type RowView,
  type Sort,
  sortRows,
  viewOf,
} from './row-view.ts'
import { editorOf, type TextEditor } from './text-editor.ts'

export const strategies = ['one-by-one', 'accept-high', 'accept-all', 'reject-all'] as const
export type Strategy = (typeof strategies)[number]

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** What fills the screen and takes the keys. */
export type Mode =
  /** Verdicts of an earlier sitting are offered. */
  | { readonly kind: 'resume' }
  /** How to review is asked. */
  | { readonly kind: 'opening' }
  | { readonly kind: 'browse' }
  | {
      readonly kind: 'edit'
      readonly row: ResultRow
      readonly editor: TextEditor
      /** The alternative that is edited; null for a text of one's own. */
      readonly edits: number | null
    }
  | { readonly kind: 'filter'; readonly editor: TextEditor; readonly before: string }
  | { readonly kind: 'help'; readonly top: number }
  | {
      readonly kind: 'versions'
      readonly row: ResultRow
      readonly versions: readonly VersionRow[] | null
      readonly problem: string | null
      readonly top: number
    }
  /** What was decided is shown, and what becomes of it is asked. */
  | { readonly kind: 'leave'; readonly because: 'finished' | 'interrupted' }

/** One thing that was done, to be undone: the verdicts before it, undefined for none. */
export interface Done {
  readonly before: ReadonlyMap<string, Verdict | undefined>
  readonly label: string
}

export interface ReviewState {
  readonly run: string
  /** Whether what is accepted is written to the database at once. */
  readonly writes: 'at-once' | 'later'
  readonly size: Size
  readonly mode: Mode
  readonly pane: 'list' | 'detail'
  /** Rows that are there, by path. */
  readonly rows: readonly ResultRow[]
  /** Rows that came after them, until they are enough to be put in their places. */
  readonly arrived: readonly ResultRow[]
  readonly byId: ReadonlyMap<string, ResultRow>
  readonly loading: 'loading' | 'complete' | { readonly problem: string }
  /** Rows that are yet to come or came; what the server says first. */
  readonly total: number
  readonly verdicts: ReadonlyMap<string, Verdict>
  readonly counts: VerdictCounts
  readonly past: readonly Done[]
  readonly future: readonly Done[]
  /** Holds always, as the command line said; the reviewer's own filter comes on top of it. Null leaves nothing out. */
  readonly always: RowFilter | null
  readonly filterText: string
  readonly filter: ReadFilter
  readonly sort: Sort
  readonly grouping: Grouping
  readonly closed: ReadonlySet<string>
  /** All rows in the order of `sort`, grouped. */
  readonly groups: readonly RowGroup[]
  readonly view: RowView
  /** Index into the entries of the view. */
  readonly cursor: number
  /** First entry on the screen. */
  readonly top: number
  /** First line of the detail on the screen. */
  readonly detailTop: number
  readonly diff: boolean
  /** Taken up as soon as all rows are there. */
  readonly awaited: Strategy | null
  /** Verdicts of an earlier sitting whose rows are not read yet. */
  readonly kept: readonly KeptVerdict[]
  readonly keptAre: 'none' | 'offered' | 'taken' | 'left'
  /** Rows that were decided about in an earlier sitting and are others now. */
  readonly changed: ReadonlySet<string>
  /** A line for the reviewer, until the next key. */
  readonly note: string | null
}

export type ReviewEvent =
  | { readonly kind: 'key'; readonly key: Key }
  | { readonly kind: 'resize'; readonly size: Size }
  | { readonly kind: 'rows'; readonly rows: readonly ResultRow[]; readonly total: number }
  | { readonly kind: 'complete' }
  | { readonly kind: 'load-failed'; readonly problem: string }
  | { readonly kind: 'versions'; readonly rowId: string; readonly versions: readonly VersionRow[] }
  | { readonly kind: 'versions-failed'; readonly rowId: string; readonly problem: string }
  /** The reviewer's own editor ended; null where nothing came of it. */
  | { readonly kind: 'edited'; readonly text: string | null; readonly problem?: string }

/** What is left to the world outside. */
export type Effect =
  | { readonly kind: 'read-versions'; readonly row: ResultRow }
  | { readonly kind: 'open-editor'; readonly row: ResultRow; readonly text: string }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'end'; readonly how: 'record' | 'keep' | 'discard' }

export interface Stepped {
  readonly state: ReviewState
  readonly effects: readonly Effect[]
}

export interface Beginning {
  readonly run: string
  /** @default later */
  readonly writes?: ReviewState['writes']
  readonly size: Size
  readonly always?: RowFilter | null
  readonly filterText?: string
  readonly sort?: Sort
  readonly grouping?: Grouping
  /** Given on the command line, so it is not asked. */
  readonly strategy?: Strategy
  readonly kept?: readonly KeptVerdict[]
}

/** The screen before any row is there. */
export function beginReview(beginning: Beginning): ReviewState {
  const { strategy, kept = [], filterText = '' } = beginning
  const opening = strategy === undefined ? 'opening' : 'browse'
  return {
    run: beginning.run,
    writes: beginning.writes ?? 'later',
    size: beginning.size,
    mode: { kind: kept.length > 0 ? 'resume' : opening },
    pane: 'list',
    rows: [],
    arrived: [],
    byId: new Map(),
    loading: 'loading',
    total: 0,
    verdicts: new Map(),
    counts: noVerdicts,
    past: [],
    future: [],
    always: beginning.always ?? null,
    filterText,
    filter: readFilter(filterText),
    sort: beginning.sort ?? 'path',
    grouping: beginning.grouping ?? 'table',
    closed: new Set(),
    groups: [],
    view: { entries: [], rows: [] },
    cursor: 0,
    top: 0,
    detailTop: 0,
    diff: false,
    awaited: strategy === undefined || strategy === 'one-by-one' ? null : strategy,
    kept,
    keptAre: kept.length > 0 ? 'offered' : 'none',
    changed: new Set(),
    note: null,
  }
}

export function entryAt(state: ReviewState): Entry | undefined {
  return state.view.entries[state.cursor]
}

/** The row the cursor is on; on the head of a group, none. */
export function rowAt(state: ReviewState): ResultRow | undefined {
  const entry = entryAt(state)
  return entry?.kind === 'row' ? entry.row : undefined
}

/** The state with what the filters leave of its groups; the cursor stays on the row or group it was on. */
export function withView(state: ReviewState): ReviewState {
  const { closed, groups, verdicts } = state
  const view = viewOf(groups, { filter: filterOf(state), closed, verdicts })
  const before = entryAt(state)
  const same = before === undefined ? -1 : view.entries.findIndex((entry) => isSame(entry, before))
  const cursor = same === -1 ? nearestRow(view, Math.min(state.cursor, view.entries.length - 1)) : same
  return { ...state, view, cursor: Math.max(0, cursor) }
}

function filterOf({ always, filter, filterText }: ReviewState): RowFilter | null {
  const own = filter.kind === 'problem' || filterText.trim() === '' ? null : filter.matches
  if (always === null || own === null) return always ?? own
  return (row, verdict) => always(row, verdict) && own(row, verdict)
}

/** The state with its rows in the order and the groups it says. */
export function withGroups(state: ReviewState): ReviewState {
  const { rows, sort, grouping, verdicts } = state
  return withView({ ...state, groups: groupRows(sortRows(rows, sort, verdicts), grouping) })
}

/** The state with the rows that arrived in their places; those known by their id already are left out. */
export function withArrived(state: ReviewState): ReviewState {
  const byId = new Map(state.byId)
  const fresh: ResultRow[] = []
  for (const row of state.arrived) {
    if (byId.has(row.id)) continue
    byId.set(row.id, row)
    fresh.push(row)
  }
  const rows = inPathOrder([...state.rows, ...fresh])
  return withGroups({ ...state, byId, rows, arrived: [], total: Math.max(state.total, rows.length) })
}

/** The state with another filter of the reviewer. */
export function withFilter(state: ReviewState, filterText: string): ReviewState {
  return withView({ ...state, filterText, filter: readFilter(filterText, state.changed) })
}

export function browse(state: ReviewState): ReviewState {
  return { ...state, mode: { kind: 'browse' } }
}

export function withNote(state: ReviewState, note: string): ReviewState {
  return { ...state, note }
}

export function beginEditing(row: ResultRow, text: string, edits: number | null): Mode {
  return { kind: 'edit', row, editor: editorOf(text, 'many'), edits }
}

function isSame(one: Entry, other: Entry): boolean {
  if (one.kind === 'row') return other.kind === 'row' && one.row.id === other.row.id
  return other.kind === 'group' && one.key === other.key
}

function nearestRow({ entries }: RowView, index: number): number {
  const below = entries.findIndex((entry, at) => at >= index && entry.kind === 'row')
  return below === -1 ? index : below
}
