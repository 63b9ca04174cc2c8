import type { FoundChunk } from '@amx/api'
import { cosine, embedForSearch } from '@amx/retrieval'
import { columnPhrase, ownWords } from '../built-in/column-phrase.ts'
import type { EvidenceSubject } from '../confidence/evidence-subject.ts'
import { standsIn, stemOf, stemsOf } from '../confidence/text-words.ts'
import { columnFacts } from '../evidence/column-facts.ts'
import { phraseOf } from '../evidence/name-words.ts'

/**
 * Below this a chunk says nothing about an asset, however high a search ranked it. Over the labelled questions of
 * packages/context/evaluation it keeps nine of ten answers among the first five chunks, and two of ten of the others.
 */
export const relevanceFloor = 0.55

/** A chunk with its words, read once for all assets of a batch. */
export interface ReadChunk {
  readonly chunk: FoundChunk
  readonly lowerText: string
  readonly stems: ReadonlySet<string>
  readonly vector: Float32Array
}

// Words that say in which form a value comes, not what it means; prose leaves them out.
const formWords = new Set(
  'identifier identifiers code number flag value key index amount count quantity percent percentage'.split(' '),
)

// Words that say what kind of thing a value is: which one, only the table tells.
const kindWords = new Set(
  'name type kind status state date time timestamp text description title note comment total at by of on in is has to for the per record row entry created updated changed version position address class level rate reason'.split(
    ' ',
  ),
)

/** The words of a chunk with its title and path. */
export function readChunk(chunk: FoundChunk): ReadChunk {
  const whole = `${chunk.title ?? ''}\n${chunk.path}\n${chunk.text}`
  const vector = embedForSearch(`${chunk.title ?? ''}\n${chunk.text}`)
  return { chunk, lowerText: whole.toLowerCase(), stems: wordsOf(whole), vector }
}

/** What is asked about: an asset and the embedding of its own words. */
export interface AskedSubject {
  readonly subject: EvidenceSubject
  readonly vector: Float32Array
}

/** The subject with the embedding of what is its own: words of the table would make every chunk about the table near. */
export function askedSubject(subject: EvidenceSubject): AskedSubject {
  const { facts, words } = subject
  const own = facts === null ? [] : [facts.column.name, phraseOf(words), facts.column.comment ?? '']
  return { subject, vector: embedForSearch(own.join(' ')) }
}

/**
 * How much a chunk has to do with an asset, 0..1, by the words they share and how near they are: ranks of a search tell which chunk
 * is nearest, not whether it is near. A column needs its own words (or its name as written), a name of general words those of its
 * table too.
 */
export function relevanceOf({ subject, vector }: AskedSubject, read: ReadChunk): number {
  if (subject.facts === null) return ofTable(subject, read)
  return Math.min(1, ofColumn(subject, read, Math.max(0, cosine(vector, read.vector))))
}

function ofColumn(
  { facts, tableWords, table }: EvidenceSubject,
  { lowerText, stems }: ReadChunk,
  near: number,
): number {
  if (facts === null) return 0
  const name = facts.column.name.toLowerCase()
  const inTable = namesTable(lowerText, tableWords.name, table.catalog.path)
    ? 1
    : share(entityWords(tableWords.entity), stems)
  const telling = /[_\d]/.test(name) || facts.words.length > 1
  if (standsIn(lowerText, name) && (telling || inTable === 1)) return inTable === 1 ? 1 : telling ? 0.85 : 0.7
  const words = ownWords(facts)
    .flatMap(({ word }) => word.toLowerCase().split(/[^\p{L}\p{N}]+/u))
    .filter((word) => word !== '' && !formWords.has(word))
  const valuesNamed = facts.values.filter(
    (value) => value.length > 2 && standsIn(lowerText, value.toLowerCase()),
  ).length
  const bonus = valuesNamed >= 2 ? 0.3 : 0
  const specific = words.filter((word) => !kindWords.has(word))
  if (specific.length > 0) return 0.75 * share(specific, stems) + 0.25 * inTable + near + bonus
  // A name that only the table gives a meaning: the chunk must be about that, and say every word that is left of the name.
  const all = words.length === 0 || share(words, stems) === 1
  return (all ? 0.3 : 0) + (inTable === 1 ? 0.4 : 0.2 * inTable) + near * inTable + bonus
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
