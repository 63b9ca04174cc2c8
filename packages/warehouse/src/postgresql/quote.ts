import { AmxError, type AssetPath } from '@amx/api'

/** A name as a PostgreSQL identifier, always quoted. Throws AMX-1014 for a name the server cannot hold. */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0')) {
    throw new AmxError('AMX-1014', { problem: `${JSON.stringify(name)} cannot be the name of an object` })
  }
  return `"${name.replaceAll('"', '""')}"`
}

/** A relation or column path as a qualified SQL name, such as `"sales"."customer"`. */
export function quoteQualified(path: AssetPath): string {
  return path.map(quoteIdentifier).join('.')
}

/** Text as a literal that reads the same whatever `standard_conforming_strings` is. Throws AMX-1014 for a NUL character. */
export function quoteLiteral(text: string): string {
  if (text.includes('\0')) throw new AmxError('AMX-1014', { problem: 'text with a NUL character cannot be stored' })
  const doubled = text.replaceAll("'", "''")
  return doubled.includes('\\') ? ` E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}
