import { canonicalAssetPath, formatAssetPath, parseAssetPath, type ScopedContainer, type ScopedTable } from '@amx/api'

export interface FoundAssets {
  readonly tables: readonly ScopedTable[]
  readonly containers: readonly ScopedContainer[]
}

/** Of what a scope found only what it names itself: a table without its columns, a schema without its tables. */
export function namedAssets({ tables, containers }: FoundAssets, include: readonly string[]): FoundAssets {
  const named = new Set(include.map(canonicalAssetPath))
  return {
    tables: tables
      .map((table) => onlyNamed(table, named))
      .filter(({ planned, skipped }) => planned.table || planned.columns.length + skipped.length > 0),
    containers: containers.filter(({ path }) => named.has(path)),
  }
}

function onlyNamed(table: ScopedTable, named: ReadonlySet<string>): ScopedTable {
  const { catalog, planned, skipped } = table
  return {
    ...table,
    planned: {
      table: planned.table && named.has(catalog.path),
      columns: planned.columns.filter((name) => named.has(`${catalog.path}.${formatAssetPath([name])}`)),
    },
    skipped: skipped.filter(({ path }) => named.has(path)),
  }
}

/**
 * Names apart by how deep they lie: schemas, tables, columns. In a scope a deeper name narrows the ones above it; what is named for
 * itself is read layer by layer, so that a table and a column of it can both be meant.
 */
export function layersOf(include: readonly string[]): readonly (readonly string[])[] {
  return [...Map.groupBy(include, (path) => parseAssetPath(path).length).values()]
}

/** What several layers found, each table once. */
export function mergeFound(layers: readonly FoundAssets[]): FoundAssets {
  const tables = new Map<string, ScopedTable>()
  for (const table of layers.flatMap((layer) => layer.tables)) {
    const { path } = table.catalog
    const known = tables.get(path)
    tables.set(path, known === undefined ? table : both(known, table))
  }
  return { tables: [...tables.values()], containers: layers.flatMap((layer) => layer.containers) }
}

function both(one: ScopedTable, other: ScopedTable): ScopedTable {
  return {
    ...one,
    planned: {
      table: one.planned.table || other.planned.table,
      columns: [...one.planned.columns, ...other.planned.columns],
    },
    skipped: [...one.skipped, ...other.skipped],
  }
}
