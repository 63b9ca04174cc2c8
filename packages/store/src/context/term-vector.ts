// Limits of PostgreSQL's tsvector: a position is at most 16,383, and 256 positions per lexeme are kept.
const lastPosition = 16_383
const longestTerm = 128

/**
 * Stems as the text of a tsvector: those of title and path weigh A, those of the text D. The stems are ours, so that full text
 * in the store and the built-in embedding meet the same words; no parser or dictionary of PostgreSQL comes between.
 */
export function termVector(
  titleTerms: readonly string[],
  textTerms: readonly string[],
): { readonly literal: string; readonly count: number } {
  const places = new Map<string, string[]>()
  let position = 0
  const add = (term: string, weight: 'A' | ''): void => {
    position += 1
    const known = places.get(term) ?? []
    known.push(`${Math.min(position, lastPosition)}${weight}`)
    places.set(term, known)
  }
  for (const term of titleTerms.filter(isTerm)) add(term, 'A')
  for (const term of textTerms.filter(isTerm)) add(term, '')
  const lexemes = [...places].map(([term, at]) => `${quoteTerm(term)}:${at.join(',')}`)
  return { literal: lexemes.join(' '), count: position }
}

/** A lexeme in quotes, for a tsvector or a tsquery. */
export function quoteTerm(term: string): string {
  return `'${term.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

export function isTerm(term: string): boolean {
  return term !== '' && term.length <= longestTerm && !term.includes('\0')
}
