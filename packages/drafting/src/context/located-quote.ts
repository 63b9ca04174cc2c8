import type { FoundChunk } from '@amx/api'

/** Where a quotation stands in its source. */
export interface LocatedQuote {
  /** The words of the source itself, white space folded. */
  readonly snippet: string
  readonly startLine: number
  readonly endLine: number
}

const longestSnippet = 500
/** Shorter quotations occur anywhere and show nothing. */
const shortestQuote = 4

/**
 * Finds a quotation in a chunk, whatever its case, white space and kind of quotation mark; parts with `…` between them are found
 * one after the other. Null when the chunk does not say it: then it is invented.
 */
export function locateQuote(
  quote: string,
  chunk: Pick<FoundChunk, 'text' | 'startLine' | 'endLine'>,
): LocatedQuote | null {
  const source = fold(chunk.text)
  const parts = fold(quote)
    .text.split(/\s*(?:…|\.\.\.|\[…\])\s*/)
    .map((part) => part.replace(/^["'|\s]+|["'\s]+$/g, '').trim())
    .filter((part) => part !== '')
  if (parts.join('').length < shortestQuote) return null
  let from = 0
  let start = -1
  let end = -1
  for (const part of parts) {
    const found = source.text.indexOf(part, from)
    if (found === -1) return null
    if (start === -1) start = found
    from = found + part.length
    end = from
  }
  const first = source.positions[start] ?? 0
  const last = (source.positions[end - 1] ?? first) + 1
  const snippet = chunk.text.slice(first, last).replaceAll(/\s+/g, ' ').trim()
  return {
    snippet: snippet.length > longestSnippet ? `${snippet.slice(0, longestSnippet - 1)}…` : snippet,
    ...linesOf(chunk, first, last),
  }
}

/** Lines of a span; those of the whole chunk where its text is not its lines, as with text taken out of a PDF. */
function linesOf(
  { text, startLine, endLine }: Pick<FoundChunk, 'text' | 'startLine' | 'endLine'>,
  first: number,
  last: number,
) {
  const breaks = (upTo: number) => text.slice(0, upTo).split('\n').length - 1
  if (breaks(text.length) !== endLine - startLine) return { startLine, endLine }
  return { startLine: startLine + breaks(first), endLine: startLine + breaks(last) }
}

/** Text in one case with single spaces, and where each of its characters stood. */
function fold(text: string): { readonly text: string; readonly positions: readonly number[] } {
  let folded = ''
  const positions: number[] = []
  for (let index = 0; index < text.length; index += 1) {
    const character = plain(text[index] ?? '')
    if (character === ' ' && (folded === '' || folded.endsWith(' '))) continue
    folded += character
    for (let unit = 0; unit < character.length; unit += 1) positions.push(index)
  }
  return { text: folded, positions }
}

function plain(character: string): string {
  if (/\s|\p{Cc}/u.test(character)) return ' '
  if (/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/.test(character)) return ''
  if (/[“”„«»]/.test(character)) return '"'
  if (/[‘’‚`]/.test(character)) return "'"
  if (/[‐‑‒–—]/.test(character)) return '-'
  // As prompts show an angle bracket that could pose as one of their own.
  if (character === '‹') return '<'
  return character.toLowerCase()
}
