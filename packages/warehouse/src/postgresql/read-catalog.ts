import type { Scope } from '@amx/api'
import { type CompiledScope, compileScope } from '../scope/compile-scope.ts'
import { planContainers } from '../scope/plan-containers.ts'
import { planTables } from '../scope/plan-tables.ts'
import { selectRelations } from '../scope/select-relations.ts'
import { unknownNames } from '../scope/unknown-names.ts'
import type { CatalogResult } from '../warehouse.ts'
import { readTables } from './catalog/read-tables.ts'
import { type Relation, readRelations } from './catalog/relations.ts'
import { readSchemas } from './catalog/schemas.ts'
import type { ConnectionPool } from './connection-pool.ts'
import { statementError } from './server-error.ts'

/** Resolves a scope against the live catalog with at most eight statements (eleven when locks are in the way). */
export async function readCatalog(pool: ConnectionPool, scope: Scope, signal: AbortSignal): Promise<CatalogResult> {
  const compiled = compileScope(scope)
  return pool.withSession(signal, async (session) => {
    try {
      const relations = await readRelations(session, signal)
      const described = compiled.containerKinds.size > 0
      const schemas = described || namesOther(compiled, relations) ? await readSchemas(session, signal) : null
      const selected = limited(compiled, selectRelations(compiled, relations))
      const tables = await readTables(session, withNamed(compiled, relations, selected), signal)
      const columns = new Map(tables.map((table) => [table.path, table.columns.map(({ name }) => name)]))
      const chosen = new Set(selected.map(({ path }) => path))
      return {
        tables: planTables(
          compiled,
          tables.filter(({ path }) => chosen.has(path)),
        ),
        containers: described && schemas !== null ? planContainers(compiled, schemas, relations) : [],
        unknown: unknownNames(
          compiled,
          relations.map(({ parts }) => parts),
          (path) => columns.get(path),
          schemas?.schemas.map(({ name }) => name),
        ),
      }
    } catch (thrown) {
      if (signal.aborted) throw signal.reason
      throw statementError(thrown, { asset: 'the catalog', target: pool.target })
    }
  })
}

/** Whether an entry names a schema that no relation is in: it may be there and empty. */
function namesOther(scope: CompiledScope, relations: readonly Relation[]): boolean {
  const known = new Set(relations.map(({ parts }) => parts[0]))
  return scope.named.some((path) => path.length === 1 && !known.has(path[0] ?? ''))
}

/** The limit at once where the plan cannot leave a table without anything to do: columns of the others are never read. */
function limited(scope: CompiledScope, selected: readonly Relation[]): readonly Relation[] {
  const late = scope.missingOnly || scope.tableLimit === 0 || scope.named.some((path) => path.length > 2)
  return late ? selected : selected.slice(0, scope.tableLimit)
}

/** The selected relations and those whose columns an entry names, so that a misspelt column is found. */
function withNamed(
  scope: CompiledScope,
  relations: readonly Relation[],
  selected: readonly Relation[],
): readonly Relation[] {
  const chosen = new Set(selected)
  const named = new Set(scope.named.filter((path) => path.length > 2).map((path) => JSON.stringify(path.slice(0, 2))))
  return relations.filter((relation) => chosen.has(relation) || named.has(JSON.stringify(relation.parts)))
}
