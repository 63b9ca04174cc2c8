import type { ColumnFacts } from '../evidence/column-facts.ts'
import { type MeasuringUnit, measuringUnits as units, unitsOfNumbers } from '../evidence/measuring-units.ts'
import { type NameWord, phraseOf, splitName } from '../evidence/name-words.ts'
import { isNumeric } from '../evidence/type-family.ts'

const keyWords = new Set([
  'identifier',
  'identifiers',
  'surrogate key',
  'foreign key',
  'primary key',
  'key',
  'UUID',
  'globally unique identifier',
  'oid',
])

/** The column's words without the table's own name at their start: `name` for `product_name` in `product`. */
export function ownWords(facts: ColumnFacts): readonly NameWord[] {
  const { words } = facts
  const entity = facts.table.entity.split(' ')
  for (let length = Math.min(entity.length, words.length - 1); length > 0; length -= 1) {
    const tail = entity.slice(-length).join(' ')
    const head = phraseOf(words.slice(0, length))
    if (head === tail || phraseOf(facts.table.words.slice(-length)) === head) return words.slice(length)
  }
  return words
}

/** The phrase a sentence about the column is made of, such as `unit price`. */
export function columnPhrase(facts: ColumnFacts): string {
  const words = ownWords(facts)
  // A single letter in front is a prefix nobody reads: `x_legacy_status`.
  const told = words.length > 1 && words[0]?.kind === 'Unknown' && words[0].token.length === 1 ? words.slice(1) : words
  const flag = told.length > 1 && told[0]?.word === 'flag' ? [...told.slice(1), told[0]] : told
  return inOrder(phraseOf(flag))
}

/** What an identifier identifies, such as `support representative` for `support_rep_id`; empty when the name tells nothing more. */
export function rolePhrase(facts: ColumnFacts): string {
  const words = facts.words.filter(({ word }, index) =>
    index === 0 ? !keyWords.has(word) : !(index >= facts.words.length - 2 && keyWords.has(word)),
  )
  return words.every(({ kind }) => kind === 'Unknown' || kind === 'Number') ? '' : phraseOf(words)
}

/** Names in the order English has them: `date of birth`, `second address line`. */
function inOrder(phrase: string): string {
  return phrase
    .replace(/^(.*)\bbirth date$/, '$1date of birth')
    .replace(/^(.*)\bdate birth$/, '$1date of birth')
    .replace(/\bamount total$/, 'total amount')
    .replace(/^(.+) last 4$/, 'last four digits of the $1')
    .replace(/^(.+) (minimum|maximum|average)$/, '$2 $1')
}

/** The unit the name ends with and what is measured, such as grams and `weight` for `weight_g`; null when it names none. */
export function unitOf(facts: ColumnFacts): { readonly unit: string; readonly quantity: string } | null {
  const tokens = splitName(facts.column.name)
  // `m3` and `m2` come apart where letters meet digits.
  const pair = tokens.slice(-2).join('')
  if (tokens.length > 2 && pair.length === 2 && units[pair] !== undefined)
    return withoutUnit(facts, units[pair], [-2, -1])
  const last = units[tokens.at(-1) ?? ''] ?? unitOfNumber(facts, tokens)
  if (last !== undefined) {
    if (tokens.length === 1) return (tokens[0] ?? '').length <= 2 ? null : last
    return withoutUnit(facts, last, [-1])
  }
  const position = tokens.findIndex(
    (token, index) => index > 0 && /^(?:cm|mm|kg|km|mg|ml|kwh|pct|usd|eur|gbp|chf)$/.test(token),
  )
  const inside = position === -1 ? undefined : units[tokens[position] ?? '']
  return inside === undefined ? null : withoutUnit(facts, inside, [position - tokens.length])
}

// What has a lowest value worth a column of its own, so that `min` behind it says minimum: `price_min`.
const bounded =
  /^(?:price|amount|cost|fee|salary|temp|temperature|temperatur|age|qty|quantity|stock|level|score|order|value|weight|length|height|width|depth|size|limit|balance|grade|speed|pressure|rate|range|bid|x|y|z)$/

function unitOfNumber(facts: ColumnFacts, tokens: readonly string[]): MeasuringUnit | undefined {
  if (tokens.length < 2 || !isNumeric(facts.family)) return undefined
  const last = tokens.at(-1) ?? ''
  if (last === 'min' && bounded.test(tokens.at(-2) ?? '')) return undefined
  return unitsOfNumbers[last]
}

function withoutUnit(
  facts: ColumnFacts,
  { unit, quantity }: MeasuringUnit,
  positions: readonly number[],
): { readonly unit: string; readonly quantity: string } {
  const words = facts.words.filter((_, index) => !positions.includes(index - facts.words.length))
  return { unit, quantity: words.length === 0 ? quantity : columnPhrase({ ...facts, words }) }
}
