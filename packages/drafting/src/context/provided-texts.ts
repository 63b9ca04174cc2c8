import type { Citation, FoundChunk, ProvidedDescription } from '@amx/api'
import type { EvidenceSubject } from '../confidence/evidence-subject.ts'
import { existingComment, judgeProvided } from '../confidence/existing-comment.ts'
import { phraseOf, readName, splitName } from '../evidence/name-words.ts'
import { textKey } from '../reply/clean-text.ts'
import { locateQuote } from './located-quote.ts'

/** A description a person wrote before, offered to the letter. */
export interface ProvidedText {
  readonly text: string
  readonly citation: Citation
}

export interface ProvidedTexts {
  /** The existing comment first, then descriptions of exactly this asset, then terms of glossaries. */
  readonly kept: readonly ProvidedText[]
  /** Why one was not offered. */
  readonly doubted: readonly string[]
}

// `maxLength` of an alternative in the worker protocol.
const longestAlternative = 16_384
const longestSnippet = 500

/**
 * What people wrote about an asset already: the comment in the database, dbt descriptions and terms of glossaries among the chunks.
 * What an earlier version offered is left out: whoever asks again wants something else.
 */
export function providedTexts(
  subject: EvidenceSubject,
  chunks: readonly FoundChunk[],
  earlier: readonly string[] = [],
): ProvidedTexts {
  const kept: ProvidedText[] = []
  const doubted: string[] = []
  const comment = existingComment(subject)
  if (comment !== null && 'doubted' in comment) doubted.push(comment.doubted)
  else if (comment !== null)
    kept.push({ text: comment.kept, citation: { source: 'comment', snippet: shortened(comment.kept) } })

  const matched = chunks
    .flatMap((chunk) =>
      (chunk.provided ?? []).map((provided) => ({ chunk, provided, match: matchOf(subject, provided) })),
    )
    .filter(({ match }) => match > 0)
    .sort((a, b) => b.match - a.match)
  for (const { chunk, provided } of matched) {
    const judged = judgeProvided(provided.text, subject, `the description in ${chunk.path} (${chunk.source})`)
    if (judged === null) continue
    if ('doubted' in judged) doubted.push(judged.doubted)
    else kept.push({ text: judged.kept, citation: citationOf(chunk, provided) })
  }
  const seen = new Set(earlier.map(textKey))
  return {
    // A comment longer than an alternative may be stays where it is and is not offered.
    kept: kept.filter(({ text }) => {
      const key = textKey(text)
      if (text.length > longestAlternative || seen.has(key)) return false
      seen.add(key)
      return true
    }),
    doubted: [...new Set(doubted)],
  }
}

/** 2 for a description of this very asset, 1 for a term that means it, 0 for anything else. */
function matchOf({ facts, table, tableWords }: EvidenceSubject, { table: named, column }: ProvidedDescription): number {
  if (named !== null) {
    if (!namesSameTable(named, table.catalog.path)) return 0
    if (facts === null) return column === null ? 2 : 0
    return column !== null && column.toLowerCase() === facts.column.name.toLowerCase() ? 2 : 0
  }
  if (column === null) return 0
  const term = termKey(column)
  if (facts === null)
    return term === tableWords.entity.toLowerCase() || term === tableWords.entities.toLowerCase() ? 1 : 0
  // One general word, such as "name" or "status", means something else in every table.
  const name = splitName(facts.column.name).join(' ')
  if (facts.words.length < 2 && termKey(tableWords.entity + column) !== term) return 0
  return term === phraseOf(facts.words).toLowerCase() || splitName(column).join(' ') === name ? 1 : 0
}

function termKey(term: string): string {
  return phraseOf(readName(term)).toLowerCase()
}

/** `sales.orders` is named by `orders`, `sales.orders` and `shop.sales.orders`, whatever the case. */
function namesSameTable(named: string, path: string): boolean {
  const one = named.toLowerCase().replaceAll('"', '').split('.')
  const other = path.toLowerCase().replaceAll('"', '').split('.')
  const length = Math.min(one.length, other.length)
  return one.slice(-length).join('.') === other.slice(-length).join('.')
}

function citationOf(chunk: FoundChunk, { text }: ProvidedDescription): Citation {
  const { source, path, startLine, endLine } = chunk
  // The first words find the place: YAML may fold the rest of the text over several lines.
  const located = locateQuote(text.slice(0, 60), chunk)
  const lines = located === null ? { startLine, endLine } : { startLine: located.startLine, endLine: located.endLine }
  return { source, path, ...lines, snippet: shortened(text) }
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > longestSnippet ? `${line.slice(0, longestSnippet - 1)}…` : line
}
