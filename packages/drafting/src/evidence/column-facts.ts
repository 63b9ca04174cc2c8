import type { ColumnCatalog, ColumnProfile, ForeignKey, TableProfile } from '@amx/api'
import { clarityOf, type NameWord } from './name-words.ts'
import { readColumn, readTable, type TableWords } from './table-words.ts'
import { type TypeFamily, typeFamilyOf } from './type-family.ts'

/** Everything known about one column, gathered in one place. */
export interface ColumnFacts {
  readonly column: ColumnCatalog
  readonly profile: ColumnProfile | null
  readonly table: TableWords
  readonly words: readonly NameWord[]
  /** How much of the name says something, 0..1. */
  readonly clarity: number
  readonly family: TypeFamily
  /** The whole primary key is this column. */
  readonly isPrimaryKey: boolean
  /** The other columns of a composite primary key this one belongs to; empty otherwise. */
  readonly keyPartners: readonly string[]
  /** A unique key of this column alone. */
  readonly isUnique: boolean
  readonly reference: ForeignKey | null
  readonly referencedBy: readonly ForeignKey[]
  readonly checks: readonly string[]
  /** Values the column is limited to or was seen to be limited to, in order; empty where none are known. */
  readonly values: readonly string[]
  /** Whether the type or a check closes the list of values, so that no other can occur. */
  readonly valuesAreClosed: boolean
}

/** Gathers the facts of a column; null when the table has no such column. */
export function columnFacts(
  table: TableProfile,
  name: string,
  words: TableWords = readTable(table.catalog),
): ColumnFacts | null {
  const { catalog } = table
  const column = catalog.columns.find((candidate) => candidate.name === name)
  if (column === undefined) return null
  const profile = table.columns.find((candidate) => candidate.name === name) ?? null
  const inKey = catalog.primaryKey.includes(name)
  const checks = catalog.checks.map(({ expression }) => expression).filter((expression) => mentions(expression, name))
  const closed = column.enumValues ?? listedIn(checks)
  const nameWords = readColumn(name, words)
  return {
    column,
    profile,
    table: words,
    words: nameWords,
    clarity: clarityOf(nameWords),
    family: typeFamilyOf(column.type, column.enumValues),
    isPrimaryKey: inKey && catalog.primaryKey.length === 1,
    keyPartners: inKey && catalog.primaryKey.length > 1 ? catalog.primaryKey.filter((other) => other !== name) : [],
    isUnique: [
      ...catalog.uniqueKeys,
      ...catalog.indexes.filter(({ unique }) => unique).map(({ columns }) => columns),
    ].some((key) => key.length === 1 && key[0] === name),
    reference: referenceOf(catalog.foreignKeysOut, name),
    referencedBy: catalog.foreignKeysIn.filter(({ columns }) => columns.includes(name)),
    checks,
    values: closed.length > 0 ? closed : observedValues(profile),
    valuesAreClosed: closed.length > 0,
  }
}

/** The name and the column at the other end of a reference, the latter null when the key does not pair up. */
export function referencedColumn(facts: ColumnFacts): string | null {
  const { reference, column } = facts
  return reference?.otherColumns[reference.columns.indexOf(column.name)] ?? null
}

// A key of one column says more about it than one it shares.
function referenceOf(keys: readonly ForeignKey[], name: string): ForeignKey | null {
  const own = keys.filter(({ columns }) => columns.includes(name))
  return own.toSorted((a, b) => a.columns.length - b.columns.length)[0] ?? null
}

function observedValues(profile: ColumnProfile | null): string[] {
  if (profile === null || profile.heldBack !== null) return []
  return profile.frequencies.map(({ value }) => value)
}

function mentions(expression: string, name: string): boolean {
  const escaped = name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}_])"?${escaped}"?(?![\\p{L}\\p{N}_])`, 'u').test(expression)
}

/** Values of `x IN ('a', 'b')` or `x = ANY (ARRAY['a'::text, …])`; none where a check does anything else as well. */
function listedIn(checks: readonly string[]): string[] {
  for (const check of checks) {
    if (!/\bIN\b|= ANY/i.test(check) || /\b(AND|OR|NOT)\b/i.test(check)) continue
    const values = [...check.matchAll(/'((?:[^']|'')*)'/g)].map(([, value]) => (value ?? '').replaceAll("''", "'"))
    if (values.length > 0) return [...new Set(values)]
  }
  return []
}
