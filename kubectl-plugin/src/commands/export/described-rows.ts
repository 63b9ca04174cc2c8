import { type AssetKind, type NewestRowFilter, type ResultRow, reviewStates } from '@amx/api'

/** An asset with the text that is exported. */
export interface Described {
  readonly target: string
  readonly path: string
  readonly kind: AssetKind
  readonly text: string
  readonly row: ResultRow
}

/** Which texts are exported. */
export const exportStates = ['accepted', 'applied', 'unreviewed', 'skipped', 'rejected', 'all'] as const
export type ExportState = (typeof exportStates)[number]

const written = ['Applied', 'AlreadyThere'] as const

/** Rows in a state, as the server is asked for them. Pure. */
export function filterOf(state: ExportState): Pick<NewestRowFilter, 'state' | 'applyOutcome'> {
  if (state === 'applied') return { applyOutcome: written }
  const review = reviewStates.find((one) => one.toLowerCase() === state)
  return review === undefined ? {} : { state: [review] }
}

/** Rows with a text to export: the chosen one, else the first alternative that is no placeholder. Rows without are left out. Pure. */
export function describedRows(rows: readonly ResultRow[]): Described[] {
  return rows.flatMap((row) => {
    const text = row.chosenText ?? row.alternatives.find(({ fallback }) => !fallback)?.text
    return text === undefined ? [] : [{ target: row.target, path: row.path, kind: row.kind, text, row }]
  })
}
