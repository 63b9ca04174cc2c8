import type { Citation } from '@amx/api'
import type { ParsedQuote } from '../reply/parsed-reply.ts'
import type { Excerpt } from './excerpt.ts'
import { locateQuote } from './located-quote.ts'

export interface VerifiedQuotes {
  readonly citations: readonly Citation[]
  /** Citations of excerpts that were not shown, and quotations that do not stand in them. */
  readonly invented: number
}

/** The citations whose quotation stands in the excerpt they name; the others are counted and dropped. */
export function verifyQuotes(quotes: readonly ParsedQuote[], excerpts: readonly Excerpt[]): VerifiedQuotes {
  let invented = 0
  const citations = quotes.flatMap(({ excerpt: named, quote }): Citation[] => {
    const id = named.replaceAll(/[^A-Za-z0-9]/g, '').toUpperCase()
    const excerpt = excerpts.find((candidate) => candidate.id === id)
    const located = excerpt === undefined ? null : locateQuote(quote, excerpt.chunk)
    if (excerpt === undefined || located === null) {
      invented += 1
      return []
    }
    const { source, path } = excerpt.chunk
    return [{ source, path, ...located }]
  })
  return { citations: distinctCitations(citations), invented }
}

/** Citations united: of those of the same lines of a source the first is kept. */
export function distinctCitations(citations: readonly Citation[]): Citation[] {
  const seen = new Set<string>()
  return citations.filter(({ source, path, startLine, endLine, snippet }) => {
    const key = path === undefined ? `${source}\n${snippet}` : [source, path, startLine, endLine].join('\n')
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
