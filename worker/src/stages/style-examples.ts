import {
  AmxError,
  assetKinds,
  parseAssetPath,
  type StyleExample,
  type TableCatalog,
  type TargetSettings,
} from '@amx/api'
import { compileExcludedColumns, type Warehouse } from '@amx/warehouse'

/** Enough to show a style; more would only make every prompt longer. */
const mostExamples = 12
const longestExample = 1_000

/**
 * Comments of the table whose style a run matches, the table's first; null when this target does not have the table. A table
 * that is the run's only hope, and is not there or has no comments, throws AMX-1001.
 */
export async function readStyleExamples(
  warehouse: Pick<Warehouse, 'readCatalog'>,
  styleTable: string,
  targets: readonly TargetSettings[],
  targetIndex: number,
  signal: AbortSignal,
): Promise<readonly StyleExample[] | null> {
  const kinds = assetKinds.filter((kind) => kind !== 'Schema' && kind !== 'Database')
  const { tables, unknown } = await warehouse.readCatalog(
    { include: [styleTable], exclude: [], tablePattern: null, kinds, tableLimit: 0, missingOnly: false },
    signal,
  )
  const only = targets.length === 1
  const [table] = tables
  if (table === undefined) {
    if (!only) return null
    const nearest = unknown.flatMap((entry) => entry.nearest).slice(0, 5)
    throw unfit(`there is no table ${styleTable}${nearest.length === 0 ? '' : `; did you mean ${nearest.join(', ')}?`}`)
  }
  const examples = styleExamples(table.catalog, targets[targetIndex]?.privacy.excludeColumns ?? [])
  if (examples.length > 0) return examples
  if (!only) return null
  throw unfit(`${styleTable} has no comments to take a style from; name a documented table`)
}

/** The comment of a table and of its columns in their order, as far as they are texts and may leave the database. */
export function styleExamples(catalog: TableCatalog, excludeColumns: readonly string[] = []): StyleExample[] {
  const isExcluded = compileExcludedColumns(excludeColumns)
  const table = parseAssetPath(catalog.path)
  const shown = catalog.columns.filter(({ name }) => !isExcluded([...table, name]))
  const ofColumns = shown.map(({ comment }) => ({ kind: 'Column' as const, text: textOf(comment) }))
  return [{ kind: 'Table' as const, text: textOf(catalog.comment) }, ...ofColumns]
    .filter(({ text }) => /\p{L}{2}/u.test(text))
    .slice(0, mostExamples)
}

function textOf(comment: string | null): string {
  return (comment ?? '').trim().slice(0, longestExample)
}

function unfit(problem: string): AmxError {
  return new AmxError('AMX-1001', { field: 'spec.generation.style.like', problem })
}
