import { canonicalAssetPath, formatAssetPath, type ScopedContainer, type ScopedTable } from '@amx/api'

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
