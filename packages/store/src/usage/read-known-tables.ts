import { type AssetPath, isWithin, parseAssetPath, type Scope } from '@amx/api'
import type { Database } from '../database.ts'

/** Tables of a database as far as a scope selects them, with what of each is to be described. */
export interface KnownTables {
  readonly tables: readonly { readonly columns: number; readonly includeTable: boolean }[]
  /** When the newest of them was read. */
  readonly readAt: Date
}

// A pattern of a person is matched by the database: its engine does not run away, and it has a time limit.
const bareName = `trim(both '"' from substring(t.path from '(?:"[^"]*(?:""[^"]*)*"|[^.]*)$'))`

interface KnownRow {
  readonly path: string
  readonly kind: string
  readonly commented: boolean
  readonly columns: readonly { readonly name: string; readonly commented: boolean }[]
  readonly read_at: Date
}

/**
 * The tables of a scope, as runs of the namespace read them last; null when no run has read this database. Columns that the scope
 * names one by one are counted alone.
 */
export async function readKnownTables(
  database: Database,
  query: { readonly namespace: string; readonly databaseKey: string; readonly scope: Scope },
  signal?: AbortSignal,
): Promise<KnownTables | null> {
  signal?.throwIfAborted()
  const rows = await database.rows<KnownRow>(
    `select t.path, t.kind, t.comment is not null as commented, t.read_at,
       coalesce((select jsonb_agg(jsonb_build_object('name', c ->> 'name', 'commented', c ? 'comment'))
         from jsonb_array_elements(t.columns) as c), '[]') as columns
     from amx.catalog t
     where t.namespace = $1 and t.database_key = $2 and t.kind not in ('Schema', 'Database')
       and ($3::text is null or ${bareName} ~ $3)
     order by t.path`,
    [query.namespace, query.databaseKey, query.scope.tablePattern],
  )
  if (rows.length === 0) return null
  const tables = rows.flatMap((row) => selected(row, query.scope))
  const { tableLimit } = query.scope
  const readAt = new Date(Math.max(...rows.map(({ read_at }) => read_at.getTime())))
  return { tables: tableLimit > 0 ? tables.slice(0, tableLimit) : tables, readAt }
}

function selected(row: KnownRow, scope: Scope): KnownTables['tables'] {
  const path = parseAssetPath(row.path)
  const include = scope.include.map(parseAssetPath)
  const exclude = scope.exclude.map(parseAssetPath)
  if (scope.kinds.length > 0 && !scope.kinds.some((kind) => kind === row.kind)) return []
  if (isUnder(path, exclude)) return []
  const whole = include.length === 0 || isUnder(path, include)
  // Asset by asset: a table keeps its comment while its columns are described.
  const kept = (commented: boolean): boolean => scope.missingOnly && commented
  const columns = row.columns.filter(({ name, commented }) => {
    const column = [...path, name]
    return (whole || isUnder(column, include)) && !isUnder(column, exclude) && !kept(commented)
  })
  const includeTable = whole && !kept(row.commented)
  return columns.length === 0 && !includeTable ? [] : [{ columns: columns.length, includeTable }]
}

function isUnder(path: AssetPath, ancestors: readonly AssetPath[]): boolean {
  return ancestors.some((ancestor) => isWithin(path, ancestor))
}
