import { type AssetPath, formatAssetPath, nearestNames } from '@amx/api'
import type { CatalogResult } from '../warehouse.ts'
import type { CompiledScope } from './compile-scope.ts'

/**
 * Entries of include and exclude that name nothing, each once, with the nearest names that exist. `relations` are all relations
 * of the database; `columnsOf` gives the column names of a relation by canonical path, or undefined when they were not read. `schemaNames` are
 * schemas beside those of the relations.
 */
export function unknownNames(
  scope: CompiledScope,
  relations: readonly AssetPath[],
  columnsOf: (relationPath: string) => readonly string[] | undefined,
  schemaNames: readonly string[] = [],
): CatalogResult['unknown'] {
  const known = new Set(relations.map((parts) => JSON.stringify(parts)))
  const named = [...relations.map(([schema]) => schema ?? ''), ...schemaNames]
  const schemas = new Map(named.map((schema) => [JSON.stringify([schema]), [schema]]))
  const reported = new Map<string, readonly string[]>()

  for (const entry of scope.named) {
    const nearest = nearestOfUnknown(entry)
    if (nearest !== null) reported.set(formatAssetPath(entry), nearest)
  }
  return [...reported].map(([path, nearest]) => ({ path, nearest }))

  /** Suggestions for an entry that names nothing, null for one that does. */
  function nearestOfUnknown(entry: AssetPath): readonly string[] | null {
    if (entry.length === 0) return null
    if (entry.length === 1) {
      if (schemas.has(JSON.stringify(entry))) return null
      const sameTable = relations.filter(([, name]) => name?.toLowerCase() === entry[0]?.toLowerCase())
      return nearestNames(entry, [...schemas.values(), ...sameTable])
    }
    const relation = entry.slice(0, 2)
    if (!known.has(JSON.stringify(relation))) {
      return nearestNames(relation, relations).map((path) =>
        entry.length === 2 ? path : `${path}.${formatAssetPath(entry.slice(2))}`,
      )
    }
    const columns = columnsOf(formatAssetPath(relation))
    if (entry.length === 2 || columns === undefined) return null
    if (entry.length === 3 && columns.includes(entry[2] ?? '')) return null
    const candidates = columns.map((column) => [...relation, column])
    return nearestNames(entry.slice(0, 3), candidates)
  }
}
