import {
  type Accepted,
  AmxError,
  type AssetKind,
  type CatalogPage,
  formatAssetPath,
  parseAssetPath,
  type ScopedTable,
} from '@amx/api'
import type { WorkerIdentity } from '../contract.ts'
import type { Database } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import { lockUnit, mayRecord } from './unit-row.ts'

/** An asset of a page, as it will stand in `amx.assets`. */
interface ScopedAsset {
  readonly path: string
  readonly kind: AssetKind
  readonly column: string | null
  readonly type: string | null
  readonly ordinal: number
  readonly comment: string | null
  readonly planned: boolean
  readonly reason: string | null
}

/** Keeps a page of a scope until the unit is complete. The same page again changes nothing. */
export async function recordCatalogPage(
  database: Database,
  worker: WorkerIdentity,
  page: CatalogPage,
  signal?: AbortSignal,
): Promise<Accepted> {
  const tables = page.tables.map((table) => ({
    catalog: table.catalog,
    path: table.catalog.path,
    schemaPath: formatAssetPath(parseAssetPath(table.catalog.path).slice(0, 1)),
    tablePlanned: table.planned.table,
    columnsPlanned: table.planned.columns.length,
    assets: assetsOf(table),
  }))
  return database.transaction(async (tx) => {
    const unit = await lockUnit(tx, worker, page.unitId)
    if (unit.kind !== 'scope') throw new AmxError('AMX-1014', { problem: 'catalog pages belong to a scope unit' })
    if (!mayRecord(unit, page.attempt)) return { recorded: false }
    const rows = await tx.rows(
      `insert into amx.scope_pages (unit_id, attempt, page, tables, containers) values ($1, $2, $3, $4, $5)
       on conflict do nothing returning page`,
      [unit.id, page.attempt, page.page, jsonParameter(tables), jsonParameter(page.containers ?? [])],
    )
    return { recorded: rows.length > 0 }
  }, signal)
}

function assetsOf({ catalog, planned, skipped }: ScopedTable): ScopedAsset[] {
  const ofTable = { path: catalog.path, kind: catalog.kind, column: null, type: null, ordinal: 0 }
  const columns = new Map(catalog.columns.map((column) => [column.name, column]))
  const columnPaths = new Map(catalog.columns.map(({ name }) => [`${catalog.path}.${formatAssetPath([name])}`, name]))
  const ofColumn = (name: string) => ({
    path: `${catalog.path}.${formatAssetPath([name])}`,
    kind: 'Column' as const,
    column: name,
    type: columns.get(name)?.type ?? null,
    ordinal: columns.get(name)?.ordinal ?? 0,
    comment: columns.get(name)?.comment ?? null,
  })
  const assets: ScopedAsset[] = []
  if (planned.table) assets.push({ ...ofTable, comment: catalog.comment, planned: true, reason: null })
  for (const name of planned.columns) assets.push({ ...ofColumn(name), planned: true, reason: null })
  for (const { path, reason } of skipped) {
    const column = columnPaths.get(path)
    if (path === catalog.path) assets.push({ ...ofTable, comment: catalog.comment, planned: false, reason })
    else if (column !== undefined) assets.push({ ...ofColumn(column), planned: false, reason })
  }
  return assets
}
