import { commentDepth, commentNouns, parseAssetPath } from '@amx/api'
import { groupedBy } from '../../results/grouped-by.ts'
import type { Described } from './described-rows.ts'

/**
 * A script for psql: one transaction of COMMENT ON statements per database. Names and texts are quoted so that the script means
 * the same under every setting of the session; what PostgreSQL has no comment for, such as a nested field, stays as a remark.
 * Pure.
 */
export function sqlScript(described: readonly Described[], about: string): string {
  const byTarget = groupedBy(described, ({ target }) => target)
  const blocks = [...byTarget].map(([target, members]) => {
    const statements = members.map((member) => commentStatement(member, databaseOf(target)))
    return [`-- ${oneLine(target)}`, 'BEGIN;', ...statements, 'COMMIT;'].join('\n')
  })
  return `${[`-- Comments of ${oneLine(about)}`, ...blocks].join('\n\n')}\n`
}

function commentStatement({ path, kind, text }: Described, database: string | null): string {
  const parts = parseAssetPath(path)
  const names = kind === 'Database' ? (database === null ? [] : [database]) : parts
  // PostgreSQL has no NUL in a text or a name.
  if (
    parts.length !== commentDepth(kind) ||
    names.length === 0 ||
    [...names, text].some((word) => word.includes('\0'))
  ) {
    return `-- left out: ${kind} ${oneLine(path)} has no comment in PostgreSQL`
  }
  return `COMMENT ON ${commentNouns[kind]} ${names.map(quoteIdentifier).join('.')} IS ${quoteText(text)};`
}

function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text as a literal. With a backslash in it the E form says what a backslash is, whatever standard_conforming_strings says. */
function quoteText(text: string): string {
  const doubled = text.replaceAll("'", "''")
  return text.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}

/** Name of the database at the end of its key, such as `postgresql://host:5432/shop`. */
function databaseOf(target: string): string | null {
  const name = /^[a-z]+:\/\/[^/]*\/([^/?]+)$/.exec(target)?.[1]
  return name === undefined ? null : decodeURIComponent(name)
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ')
}
