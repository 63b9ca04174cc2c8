import { formatAssetPath, parseAssetPath, type ResultRow } from '@amx/api'
import { textOf } from '../../../results/result-table.ts'

/** What lists are filtered, sorted and grouped by, worked out once per row. */
export interface RowFacts {
  readonly parts: readonly string[]
  /** Sorts as the path does: part by part, what contains others before them. */
  readonly order: string
  /** The last part as it is written in a path. */
  readonly name: string
  /** Canonical path of the schema, `*` for what belongs to the database. */
  readonly schema: string
  /** Canonical path of the table; that of the schema for what lies above tables. */
  readonly table: string
  /** Length of the text that is proposed, in characters. */
  readonly length: number
  /** Path and texts in lower case, for searches. */
  readonly searched: string
}

const known = new WeakMap<ResultRow, RowFacts>()

export function rowFacts(row: ResultRow): RowFacts {
  const found = known.get(row)
  if (found !== undefined) return found
  const parts = parseAssetPath(row.path)
  const texts = row.alternatives.map(({ text }) => text)
  const facts: RowFacts = {
    parts,
    // Nothing sorts before the character between the parts.
    order: parts.join('\u0000'),
    name: parts.length === 0 ? '*' : formatAssetPath(parts.slice(-1)),
    schema: formatAssetPath(parts.slice(0, 1)),
    table: formatAssetPath(parts.slice(0, 2)),
    length: textOf(row).length,
    searched: [row.path, ...texts, row.existingComment ?? '', row.chosenText ?? ''].join('\n').toLowerCase(),
  }
  known.set(row, facts)
  return facts
}
