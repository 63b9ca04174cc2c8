import { abbreviations } from './abbreviations.ts'

// Words that carry grammar, not meaning, in prose and in code.
const stopWords = new Set(
  `a about after all also an and any are as at be been before between both but by can do does each either else every for from
  get has have how if in into is it its may more most must no nor not of on only one or other our out over own per set shall
  should since so some such than that the their them then there these they this those to under until up upon use used uses
  using was we were what when where which while who whose will with within without would you your
  def const let var return import export function class public private static final void null true false none self select
  int integer bigint smallint varchar char text numeric decimal double precision float boolean bool timestamp timestamptz string`
    .split(/\s+/)
    .filter((word) => word !== ''),
)

/** A term of a text with its place among the terms. */
export interface SearchTerm {
  /** Stem in lower case, such as `polici` for `policies`. */
  readonly stem: string
  /** Whether it stood in an identifier of several words, such as `claim_status_code`. */
  readonly fromIdentifier: boolean
}

/**
 * The terms of a text for ranking: identifiers parted (`claimStatus`, `claim_status`), abbreviations of databases in full
 * beside themselves, stop words left out, the rest reduced to stems. Prose and code about the same thing meet in the same stems.
 */
export function searchTerms(text: string): SearchTerm[] {
  const terms: SearchTerm[] = []
  for (const [word] of text.normalize('NFKC').matchAll(/[\p{L}\p{N}]+(?:_+[\p{L}\p{N}]+)*/gu)) {
    const parts = partsOf(word)
    const fromIdentifier = parts.length > 1
    for (const part of parts) {
      if (stopWords.has(part)) continue
      terms.push({ stem: stemOf(part), fromIdentifier })
      for (const expanded of (abbreviations[part] ?? '').toLowerCase().split(' ')) {
        if (expanded !== '' && expanded !== part && !stopWords.has(expanded)) {
          terms.push({ stem: stemOf(expanded), fromIdentifier })
        }
      }
    }
  }
  return terms
}

function partsOf(word: string): string[] {
  return word
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, '$1_$2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2')
    .toLowerCase()
    .split('_')
    .filter((part) => part !== '')
}

const doubled = /([bdfgmnprt])\1$/
const vowel = /[aeiouy]/

/** A light stem after Porter (1980), steps 1a to 1c and the commonest endings of noun, verb and adjective. Exported for its test. */
export function stemOf(word: string): string {
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word
  let stem = word
  if (stem.endsWith('sses') || stem.endsWith('ies')) stem = stem.slice(0, -2)
  else if (/[^s]s$/.test(stem) && !/(?:us|is)$/.test(stem)) stem = stem.slice(0, -1)
  const verb = /^(.+?)(?:ing|ed)$/.exec(stem)?.[1]
  if (verb !== undefined && verb.length >= 3 && vowel.test(verb)) {
    if (/(?:at|bl|iz)$/.test(verb)) stem = `${verb}e`
    else stem = doubled.test(verb) || /[^aeiou]?[aeiou]ll$/.test(verb.slice(2)) ? verb.slice(0, -1) : verb
  }
  for (const [ending, replacement] of endings) {
    if (stem.endsWith(ending) && stem.length - ending.length >= 3) {
      stem = stem.slice(0, -ending.length) + replacement
      break
    }
  }
  if (stem.endsWith('y') && stem.length > 3) stem = `${stem.slice(0, -1)}i`
  if (stem.endsWith('e') && stem.length > 4) stem = stem.slice(0, -1)
  return stem
}

const endings: readonly (readonly [string, string])[] = [
  ['ization', 'ize'],
  ['ational', 'ate'],
  ['fulness', 'ful'],
  ['iveness', 'ive'],
  ['cellation', 'cel'],
  ['ation', 'ate'],
  ['ator', 'ate'],
  ['ement', ''],
  ['ment', ''],
  ['ness', ''],
  ['ally', 'al'],
  ['ence', 'ent'],
  ['ance', 'ant'],
]
