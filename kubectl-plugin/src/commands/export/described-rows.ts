import type { AssetKind, ResultRow, ReviewState } from '@amx/api'

/** An asset with the text that is exported. */
export interface Described {
  readonly target: string
  readonly path: string
  readonly kind: AssetKind
  readonly text: string
  readonly row: ResultRow
}

export type ExportState = ReviewState | 'All'

/**
 * Rows with a text to export: of accepted rows the chosen one, of others the first alternative that is no placeholder. Rows
 * without a text are left out. Pure.
 */
export function describedRows(rows: readonly ResultRow[], state: ExportState): Described[] {
  return rows.flatMap((row) => {
    if (state !== 'All' && row.state !== state) return []
    const text = row.chosenText ?? row.alternatives.find(({ fallback }) => !fallback)?.text
    return text === undefined ? [] : [{ target: row.target, path: row.path, kind: row.kind, text, row }]
  })
}
