/** A place in a reply, in UTF-16 units, end excluded. */
export interface TextSpan {
  readonly start: number
  readonly end: number
}

interface Literal extends TextSpan {
  readonly value: string
  readonly kind: 'Key' | 'Value'
}

/**
 * Where a reply says a text about an asset (a column by its name, the table for null), without the quotes around it; several
 * when it says it more than once. Reads JSON by its string literals, so that escapes count; anything else word for word.
 */
export function spansOf(content: string, asset: string | null, text: string): TextSpan[] {
  const literals = [...stringLiterals(content)]
  const from = literals.findIndex(({ value, kind }, index) =>
    asset === null
      ? kind === 'Key' && value === 'table'
      : value === asset && (kind === 'Key' || literals[index - 1]?.value === 'name'),
  )
  const texts = literals.filter(({ value, kind }) => kind === 'Value' && value === text)
  const after = texts.filter(({ start }) => start >= (literals[from]?.start ?? 0))
  const found = after.length > 0 ? after : texts
  if (found.length > 0) return found.map(({ start, end }) => ({ start, end }))
  const start = content.indexOf(text)
  return start < 0 || text === '' ? [] : [{ start, end: start + text.length }]
}

function* stringLiterals(content: string): Generator<Literal> {
  const literal = /"((?:[^"\\]|\\.)*)"(\s*:)?/gs
  for (const match of content.matchAll(literal)) {
    const [, inner = '', colon] = match
    const value = decoded(inner)
    const start = match.index + 1
    if (value !== null) yield { value, kind: colon === undefined ? 'Value' : 'Key', start, end: start + inner.length }
  }
}

function decoded(inner: string): string | null {
  if (!inner.includes('\\')) return inner
  try {
    const value: unknown = JSON.parse(`"${inner}"`)
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}
