import type { TableCatalog } from '@amx/api'
import type { Session } from '../connection-pool.ts'
import { readColumns, readEnumLabels } from './columns.ts'
import { noConstraints, readConstraints } from './constraints.ts'
import { readDeparsed } from './deparsing.ts'
import { readIndexes } from './indexes.ts'
import type { Relation } from './relations.ts'
import { structureDigest } from './structure-digest.ts'
import { readTableDetails } from './table-details.ts'
import { readViewDefinitions } from './view-definitions.ts'

/**
 * The full catalog entries of relations, in their order: six statements in all, however many relations and columns there are.
 * Relations dropped in the meantime are left out.
 */
export async function readTables(
  session: Session,
  relations: readonly Relation[],
  signal: AbortSignal,
): Promise<readonly TableCatalog[]> {
  if (relations.length === 0) return []
  const oids = relations.map(({ oid }) => oid)
  const views = relations.flatMap(({ oid, kind }) => (kind === 'View' || kind === 'MaterializedView' ? [oid] : []))
  const details = await readTableDetails(session, oids, signal)
  const columns = await readDeparsed((deparsing) => readColumns(session, oids, deparsing, signal))
  const labels = await readEnumLabels(session, oids, signal)
  const constraints = await readDeparsed((deparsing) => readConstraints(session, oids, deparsing, signal))
  const indexes = await readDeparsed((deparsing) => readIndexes(session, oids, deparsing, signal))
  const definitions = await readDeparsed(async (deparsing) =>
    deparsing === 'Off' || views.length === 0
      ? new Map<string, string>()
      : await readViewDefinitions(session, views, signal),
  )

  return relations.flatMap((relation): TableCatalog[] => {
    const { oid } = relation
    const detail = details.get(oid)
    if (detail === undefined) return []
    const rules = constraints.get(oid) ?? noConstraints()
    const index = indexes.get(oid) ?? { indexes: [], uniqueKeys: [] }
    const table = {
      path: relation.path,
      kind: relation.kind,
      comment: relation.comment,
      schemaComment: relation.schemaComment,
      ...detail,
      columns: (columns.get(oid) ?? []).map((column) => {
        const enumValues = labels.get(`${oid}/${column.ordinal}`)
        return enumValues === undefined ? column : { ...column, enumValues: [...enumValues] }
      }),
      primaryKey: [...rules.primaryKey],
      foreignKeysOut: rules.foreignKeysOut,
      foreignKeysIn: rules.foreignKeysIn,
      uniqueKeys: distinctKeys([...rules.uniqueKeys, ...index.uniqueKeys], rules.primaryKey),
      checks: rules.checks,
      indexes: index.indexes,
      viewDefinition: definitions.get(oid) ?? null,
    }
    return [{ ...table, structureDigest: structureDigest(table) }]
  })
}

function distinctKeys(keys: readonly string[][], primaryKey: readonly string[]): string[][] {
  const seen = new Set([JSON.stringify(primaryKey)])
  return keys.filter((key) => {
    const text = JSON.stringify(key)
    if (seen.has(text)) return false
    seen.add(text)
    return true
  })
}
