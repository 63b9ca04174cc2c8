import { digestOf, type TableCatalog } from '@amx/api'

/** Digest of what a relation is made of: names, types, keys and a view's definition, not its comments or figures. */
export function structureDigest(
  table: Pick<
    TableCatalog,
    'path' | 'kind' | 'columns' | 'primaryKey' | 'uniqueKeys' | 'foreignKeysOut' | 'viewDefinition'
  >,
): string {
  const structure = {
    path: table.path,
    kind: table.kind,
    columns: table.columns.map(({ name, type, nullable, enumValues }) => [name, type, nullable, enumValues ?? []]),
    primaryKey: table.primaryKey,
    uniqueKeys: table.uniqueKeys,
    foreignKeys: table.foreignKeysOut.map(({ columns, otherTable, otherColumns }) => [
      columns,
      otherTable,
      otherColumns,
    ]),
    viewDefinition: table.viewDefinition,
  }
  return digestOf(structure)
}
