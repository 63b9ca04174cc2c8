import { AmxError, type AssetPath } from '@amx/api'

/** Whether a column's path is excluded. */
type ColumnMatcher = (path: AssetPath) => boolean

/**
 * Reads `excludeColumns` patterns such as `*.*.ssn`, `hr.*.*` or `*.person.birth_*`: three parts, `*` for any run of characters
 * within a part, letters of either case alike, a part in double quotes where it holds a dot. Throws AMX-1001 for another form.
 */
export function compileExcludedColumns(patterns: readonly string[]): ColumnMatcher {
  const compiled = patterns.map(compilePattern)
  return (path) => compiled.some((parts) => parts.every((part, index) => part.test(path[index] ?? '')))
}

function compilePattern(pattern: string): readonly RegExp[] {
  const parts = splitParts(pattern)
  if (parts.length !== 3 || parts.some((part) => part === '')) {
    const problem = `"${pattern}" is not of the form schema.table.column with * for any characters`
    throw new AmxError('AMX-1001', { field: 'privacy.excludeColumns', problem })
  }
  return parts.map((part) => new RegExp(`^${part.split('*').map(escapeRegExp).join('.*')}$`, 'isu'))
}

function splitParts(pattern: string): string[] {
  const parts = ['']
  let quoted = false
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index] ?? ''
    if (character === '"' && quoted && pattern[index + 1] === '"') {
      parts[parts.length - 1] += '"'
      index += 1
    } else if (character === '"') quoted = !quoted
    else if (character === '.' && !quoted) parts.push('')
    else parts[parts.length - 1] += character
  }
  return quoted ? [] : parts
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
