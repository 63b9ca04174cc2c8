import { AmxError } from './errors/amx-error.ts'

/**
 * The address of an asset inside one database: no parts is the database itself (`*`), then schema, relation, column and, for
 * nested fields, further parts.
 */
export type AssetPath = readonly string[]

const plainPart = /^[^\s."*\p{Lu}\p{Lt}\p{Cc}]+$/u

/** Writes a path in its one canonical form: parts joined by dots, quoted where they hold a dot, a quote, white space or upper case. */
export function formatAssetPath(path: AssetPath): string {
  if (path.length === 0) return '*'
  return path.map((part) => (plainPart.test(part) ? part : `"${part.replaceAll('"', '""')}"`)).join('.')
}

/**
 * Reads `schema.table.column`, `"Sales.v2"."Order ID"` or `*`.
 * Throws AMX-1011 with the position of the first character that does not fit.
 */
export function parseAssetPath(text: string): AssetPath {
  if (text === '*') return []
  if (text === '') throw invalid(text, 0, 'the path is empty')
  const parts: string[] = []
  let position = 0
  for (;;) {
    const [part, next] = text[position] === '"' ? readQuoted(text, position) : readPlain(text, position)
    parts.push(part)
    if (next === text.length) return parts
    if (text[next] !== '.') throw invalid(text, next, 'a dot is expected after a quoted part')
    position = next + 1
  }
}

/** The canonical text of a path that a person wrote; throws as {@link parseAssetPath} does. */
export function canonicalAssetPath(text: string): string {
  return formatAssetPath(parseAssetPath(text))
}

/** Whether `path` is `ancestor` itself or lies below it. */
export function isWithin(path: AssetPath, ancestor: AssetPath): boolean {
  return ancestor.length <= path.length && ancestor.every((part, index) => part === path[index])
}

function readQuoted(text: string, start: number): [string, number] {
  let part = ''
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] !== '"') {
      part += text[index]
      continue
    }
    if (text[index + 1] === '"') {
      part += '"'
      index += 1
      continue
    }
    if (part === '') throw invalid(text, start, 'a part is empty')
    return [part, index + 1]
  }
  throw invalid(text, start, 'the quote is never closed')
}

function readPlain(text: string, start: number): [string, number] {
  const end = text.indexOf('.', start)
  const part = end === -1 ? text.slice(start) : text.slice(start, end)
  if (part === '') throw invalid(text, start, 'a part is empty')
  if (!plainPart.test(part)) {
    throw invalid(text, start, `write this part in double quotes: "${part.replaceAll('"', '""')}"`)
  }
  return [part, start + part.length]
}

function invalid(text: string, position: number, reason: string): AmxError {
  return new AmxError('AMX-1011', { text, position: String(position + 1), reason })
}

/** Paths of a scope that count. Additive, deeper narrows: `sales` beside `sales.customer` selects the customer table alone. */
export function narrowPaths(paths: readonly AssetPath[]): readonly AssetPath[] {
  const narrowed = new Set<string>()
  for (const path of paths) {
    for (let depth = 0; depth < path.length; depth += 1) narrowed.add(JSON.stringify(path.slice(0, depth)))
  }
  return paths.filter((path) => !narrowed.has(JSON.stringify(path)))
}
