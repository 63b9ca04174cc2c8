import type { ColumnFacts } from '../evidence/column-facts.ts'
import { phraseOf } from '../evidence/name-words.ts'
import { withArticle } from '../evidence/table-words.ts'
import { columnPhrase, ownWords } from './column-phrase.ts'
import { valuesClause } from './column-values.ts'
import { isParticiple } from './described-moment.ts'
import { isPlural, noun } from './openings.ts'

// Nouns want an article after `is`; what else stands there is taken for an adjective.
const nouns = new Set(
  'gift test template draft sample duplicate copy bundle subscription employee customer supplier partner member manager admin administrator guest owner company person business holiday weekend fraud spam bot'.split(
    ' ',
  ),
)

/** Opening sentences about a flag: what holds when it is set. */
export function flagOpenings(facts: ColumnFacts): string[] {
  const { entity } = facts.table
  const words = ownWords(facts)
  const first = words[0]?.token ?? ''
  const rest = phraseOf(words.slice(1))
  const values = facts.family === 'Boolean' || facts.values.length === 0 ? '' : valuesClause(facts)
  const saying = (statement: string) => [
    `Whether ${statement}${values}.`,
    `States whether ${statement}${values}.`,
    `Marks whether ${statement}${values}.`,
    `Flag that tells whether ${statement}${values}.`,
    `Records whether ${statement}${values}.`,
  ]
  if ((first === 'is' || first === 'was') && rest !== '') return saying(`the ${entity} ${first} ${complementOf(rest)}`)
  if (first === 'has' && rest !== '') return saying(`the ${entity} has ${isPlural(rest) ? rest : withArticle(rest)}`)
  if ((first === 'can' || first === 'should') && rest !== '') return saying(`the ${entity} ${first} ${rest}`)
  const phrase = columnPhrase(facts).replace(/ (?:flag|indicator)$/, '')
  const last = phrase.split(' ').at(-1) ?? ''
  if (/^(?:toxic|subject|open|closed|entitled|allowed|free) (?:to|for|of) /.test(phrase))
    return saying(`the ${entity} is ${phrase}`)
  if (last === 'consent') return saying(`the ${entity} gave ${phrase}`)
  if (
    isParticiple(last) ||
    /(?:able|ible|ive|ful|less|ant|(?<!m)ent|ic|id)$|^(?:fragile|hardy|public|private|open|toxic|free|new|final|legal|valid|void|perennial|organic)$/.test(
      last,
    )
  )
    return saying(`the ${entity} is ${phrase}`)
  return noun(`${phrase} flag`, facts, values)
}

function complementOf(rest: string): string {
  if (rest === 'default' || rest === 'primary') return `the ${rest} one`
  return nouns.has(rest.split(' ').at(-1) ?? '') ? withArticle(rest) : rest
}
