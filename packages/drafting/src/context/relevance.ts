import type { FoundChunk } from '@amx/api'
import { columnPhrase, ownWords } from '../built-in/column-phrase.ts'
import type { EvidenceSubject } from '../confidence/evidence-subject.ts'
import { standsIn, stemOf, stemsOf } from '../confidence/text-words.ts'
import { columnFacts } from '../evidence/column-facts.ts'

/** Below this a chunk says nothing about an asset, however high a search ranked it. */
export const relevanceFloor = 0.65

/** A chunk with its words, read once for all assets of a batch. */
export interface ReadChunk {
  readonly chunk: FoundChunk
  readonly lowerText: string
  readonly stems: ReadonlySet<string>
}

// Words that name a kind of value, not its meaning: a chunk that shares only these is about something else.
const genericWords = new Set(
  'identifier identifiers code number name type kind status state date time timestamp flag value text description title note comment amount total count quantity key index at by of on in is has to for the per record row entry created updated changed version position address'.split(
    ' ',
  ),
)

/** The words of a chunk with its title and path. */
export function readChunk(chunk: FoundChunk): ReadChunk {
  const whole = `${chunk.title ?? ''}\n${chunk.path}\n${chunk.text}`
  return { chunk, lowerText: whole.toLowerCase(), stems: wordsOf(whole) }
}

/**
 * How much a chunk has to do with an asset, 0..1, by the words they share: ranks of a search tell which chunk is nearest, not
 * whether it is near. A column needs its own words (or its name as written), a name of general words those of its table too.
 */
export function relevanceOf(subject: EvidenceSubject, read: ReadChunk): number {
  return subject.facts === null ? ofTable(subject, read) : ofColumn(subject, read)
}

function ofColumn({ facts, tableWords, table }: EvidenceSubject, { lowerText, stems }: ReadChunk): number {
  if (facts === null) return 0
  const name = facts.column.name.toLowerCase()
  const inTable = namesTable(lowerText, tableWords.name, table.catalog.path)
    ? 1
    : share(entityWords(tableWords.entity), stems)
  const telling = /[_\d]/.test(name) || facts.words.length > 1
  if (standsIn(lowerText, name) && (telling || inTable === 1)) return inTable === 1 ? 1 : telling ? 0.85 : 0.7
  const words = ownWords(facts).flatMap(({ word }) => word.toLowerCase().split(/[^\p{L}\p{N}]+/u))
  const specific = words.filter((word) => word !== '' && !genericWords.has(word))
  const valueBonus = facts.values.filter((value) => value.length > 2 && standsIn(lowerText, value.toLowerCase())).length
  const bonus = valueBonus >= 2 ? 0.3 : 0
  if (specific.length === 0) {
    const all = share(
      words.filter((word) => word !== ''),
      stems,
    )
    return all === 1 && inTable === 1 ? 0.75 : Math.min(1, (all === 1 ? 0.3 : 0) + 0.25 * inTable + bonus)
  }
  return Math.min(1, 0.75 * share(specific, stems) + 0.25 * inTable + bonus)
}

function ofTable({ table, tableWords }: EvidenceSubject, { chunk, lowerText, stems }: ReadChunk): number {
  if (namesTable(lowerText, tableWords.name, table.catalog.path)) return 1
  const entity = entityWords(tableWords.entity)
  if (entity.length === 0 || share(entity, stems) < 1) return 0
  if (share(entity, wordsOf(chunk.title ?? '')) === 1) return 0.85
  const named = table.catalog.columns.filter(({ name }) => {
    const facts = columnFacts(table, name, tableWords)
    return facts !== null && share(columnPhrase(facts).toLowerCase().split(' '), stems) === 1
  })
  return named.length >= 2 ? 0.75 : entity.length > 1 ? 0.7 : 0.4
}

/** A short plain word such as `order` names no table; a name with an underscore or a schema does. */
function namesTable(lowerText: string, name: string, path: string): boolean {
  if (standsIn(lowerText, path.toLowerCase())) return true
  return /[_\d]/.test(name) && standsIn(lowerText, name.toLowerCase())
}

function entityWords(entity: string): string[] {
  return entity
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && word !== 'record' && word !== 'row' && word !== 'entry')
}

function share(words: readonly string[], stems: ReadonlySet<string>): number {
  if (words.length === 0) return 0
  return words.filter((word) => stems.has(stemOf(word))).length / words.length
}

/** Stems of the words, and of the parts of identifiers: `net_total` and `NetTotal` hold `net` and `total`. */
function wordsOf(text: string): Set<string> {
  return stemsOf(text.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2').replaceAll('_', ' '))
}
