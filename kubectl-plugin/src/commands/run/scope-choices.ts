import { type CatalogEntry, formatAssetPath, parseAssetPath } from '@amx/api'
import { counted, grouped } from '../../output/figures.ts'
import { harmless } from '../../output/paint.ts'

/** Something a person can tick: the asset it stands for, and what is said of it. */
export interface ScopeChoice {
  readonly value: string
  readonly label: string
  readonly hint: string
}

/** Schemas with how much of them is described. Pure. */
export function schemaChoices(entries: readonly CatalogEntry[]): ScopeChoice[] {
  return entries
    .filter(({ kind }) => kind === 'Schema')
    .map(({ path }) => {
      const tables = tablesOf(entries, path)
      const commented = tables.filter(({ comment }) => comment !== null).length
      return {
        value: path,
        label: harmless(path),
        hint: `${counted(tables.length, 'table')}, ${commented === 0 ? 'none' : grouped(commented)} with a comment`,
      }
    })
}

/** Tables of schemas with kind, rows and whether they have a comment. Pure. */
export function tableChoices(entries: readonly CatalogEntry[], schemas: readonly string[]): ScopeChoice[] {
  return schemas
    .flatMap((schema) => tablesOf(entries, schema))
    .map((table) => ({
      value: table.path,
      label: harmless(table.path),
      hint: [
        kindWords[table.kind] ?? table.kind,
        table.rowEstimate === null || table.rowEstimate < 0 ? '' : counted(table.rowEstimate, 'row'),
        table.comment === null ? 'no comment' : 'has comment',
        `columns ${grouped(table.columnsCommented)}/${grouped(table.columns.length)}`,
      ]
        .filter((part) => part !== '')
        .join(', '),
    }))
}

/** Columns of tables. Pure. */
export function columnChoices(entries: readonly CatalogEntry[], tables: readonly string[]): ScopeChoice[] {
  const wanted = new Set(tables)
  return entries
    .filter(({ path }) => wanted.has(path))
    .flatMap(({ path, columns }) =>
      columns.map(({ name, type, comment }) => {
        const column = formatAssetPath([...parseAssetPath(path), name])
        return {
          value: column,
          label: harmless(column),
          hint: `${harmless(type)}, ${comment === undefined ? 'no comment' : 'has comment'}`,
        }
      }),
    )
}

/** The shortest scope that means what was ticked: a schema whose tables are all ticked is named alone. Pure. */
export function shortestScope(
  entries: readonly CatalogEntry[],
  schemas: readonly string[],
  tables: readonly string[],
): string[] {
  const ticked = new Set(tables)
  return schemas.flatMap((schema) => {
    const all = tablesOf(entries, schema)
    return all.every(({ path }) => ticked.has(path))
      ? [schema]
      : all.map(({ path }) => path).filter((path) => ticked.has(path))
  })
}

function tablesOf(entries: readonly CatalogEntry[], schema: string): CatalogEntry[] {
  return entries.filter(({ schemaPath, kind }) => schemaPath === schema && kind !== 'Schema' && kind !== 'Database')
}

const kindWords: Readonly<Record<string, string>> = {
  Table: 'table',
  View: 'view',
  MaterializedView: 'materialized view',
  ForeignTable: 'foreign table',
}
