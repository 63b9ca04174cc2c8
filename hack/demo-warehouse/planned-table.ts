import { escapeIdentifier, escapeLiteral } from 'pg'

/** One column: its name, its type with constraints of its own, and the SQL expression that gives its value in row `i`. */
export interface PlannedColumn {
  name: string
  type: string
  value: string
}

/** A table and how its rows are made. */
export interface PlannedTable {
  schema: string
  name: string
  rows: number
  columns: PlannedColumn[]
  /** Clauses after the closing bracket, such as `PARTITION BY …`. */
  storage?: string
  /** Further FROM items that expressions may use; `i` runs from 1 to `rows`. */
  joined?: string
  /** Table constraints; added after the rows are there. */
  constraints?: string[]
  /** Statements between the creation of the table and its rows. */
  beforeRows?: string[]
}

/** Everything a warehouse is made of, in the order in which it is made. */
export interface WarehousePlan {
  schemas: string[]
  /** Types and other things the tables need. */
  types: string[]
  tables: PlannedTable[]
  /** Views and materialized views. */
  views: string[]
  comments: PlannedComment[]
  /** Tables the reader may not select from. */
  hiddenFromReader: string[]
  /** A foreign table that reads a relation of the same database, where the server can. */
  foreignTable?: { create: (server: string) => string; name: string }
}

/** A comment that is there before anybody documents the database. */
export interface PlannedComment {
  on: string
  text: string
}

/** A column of a plan. */
export function column(name: string, type: string, value: string): PlannedColumn {
  return { name, type, value }
}

/** The quoted name of a table. */
export function qualifiedName(table: { schema: string; name: string }): string {
  return `${escapeIdentifier(table.schema)}.${escapeIdentifier(table.name)}`
}

/** The statement that creates the table, without its constraints. */
export function createStatement(table: PlannedTable): string {
  const columns = table.columns.map(({ name, type }) => `  ${escapeIdentifier(name)} ${type}`)
  return `CREATE TABLE ${qualifiedName(table)} (\n${columns.join(',\n')}\n) ${table.storage ?? ''}`
}

/** The statement that makes all rows on the server. */
export function rowsStatement(table: PlannedTable): string {
  const names = table.columns.map(({ name }) => escapeIdentifier(name)).join(', ')
  const values = table.columns.map(({ value }) => value).join(',\n  ')
  const from = `generate_series(1, ${table.rows}) AS i ${table.joined ?? ''}`
  return `INSERT INTO ${qualifiedName(table)} (${names})\nSELECT\n  ${values}\nFROM ${from}\nORDER BY i`
}

/** The statements that add the constraints of all tables: references last, since what they point at must be unique first. */
export function constraintStatements(tables: readonly PlannedTable[]): string[] {
  const all = tables.flatMap((table) => (table.constraints ?? []).map((constraint) => ({ table, constraint })))
  const isReference = ({ constraint }: { constraint: string }) => constraint.startsWith('FOREIGN KEY')
  const ordered = [...all.filter((one) => !isReference(one)), ...all.filter(isReference)]
  return ordered.map(({ table, constraint }) => `ALTER TABLE ${qualifiedName(table)} ADD ${constraint}`)
}

/** The statement that sets a comment. */
export function commentStatement({ on, text }: PlannedComment): string {
  return `COMMENT ON ${on} IS ${escapeLiteral(text)}`
}
