import { formatAssetPath, parseAssetPath, type ScopedTable, type TableCatalog } from '@amx/api'
import { type CompiledScope, includesWhole } from './compile-scope.ts'
import { hasText } from './has-text.ts'

/**
 * What is to be described of each table. With `missingOnly` an asset that has a comment is skipped by itself: a table keeps its
 * text even when one of its columns lacks one. `tableLimit` counts the tables with something to do, in the order given; a table
 * without anything to do stays in the list, with the reasons.
 */
export function planTables(scope: CompiledScope, tables: readonly TableCatalog[]): readonly ScopedTable[] {
  const planned: ScopedTable[] = []
  let busy = 0
  for (const catalog of tables) {
    const table = planTable(scope, catalog)
    const idle = !table.planned.table && table.planned.columns.length === 0
    if (!idle && scope.tableLimit > 0 && busy >= scope.tableLimit) continue
    if (idle && table.skipped.length === 0) continue
    if (!idle) busy += 1
    planned.push(table)
  }
  return planned
}

function planTable(scope: CompiledScope, catalog: TableCatalog): ScopedTable {
  const parts = parseAssetPath(catalog.path)
  const skipped: { path: string; reason: string }[] = []
  const columns: string[] = []

  const wanted = includesWhole(scope, parts)
  const documented = scope.missingOnly && hasText(catalog.comment)
  if (wanted && documented) skipped.push({ path: catalog.path, reason: 'has a comment' })

  for (const column of catalog.columns) {
    const path = [...parts, column.name]
    if (!includesWhole(scope, path)) continue
    if (scope.missingOnly && hasText(column.comment)) {
      skipped.push({ path: formatAssetPath(path), reason: 'has a comment' })
      continue
    }
    columns.push(column.name)
  }
  return { catalog, planned: { table: wanted && !documented, columns }, skipped }
}
