import type { ColumnFacts } from '../evidence/column-facts.ts'
import { type NameWord, phraseOf, splitName } from '../evidence/name-words.ts'

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

interface Unit {
  readonly unit: string
  /** What is measured when the name is nothing but the unit. */
  readonly quantity: string
}

const units: Readonly<Record<string, Unit>> = {
  g: { unit: 'grams', quantity: 'weight' },
  grams: { unit: 'grams', quantity: 'weight' },
  kg: { unit: 'kilograms', quantity: 'weight' },
  mg: { unit: 'milligrams', quantity: 'weight' },
  lbs: { unit: 'pounds', quantity: 'weight' },
  m: { unit: 'meters', quantity: 'length' },
  km: { unit: 'kilometers', quantity: 'distance' },
  cm: { unit: 'centimeters', quantity: 'length' },
  mm: { unit: 'millimeters', quantity: 'length' },
  m2: { unit: 'square meters', quantity: 'area' },
  m3: { unit: 'cubic meters', quantity: 'volume' },
  sqm: { unit: 'square meters', quantity: 'area' },
  sqft: { unit: 'square feet', quantity: 'area' },
  l: { unit: 'liters', quantity: 'volume' },
  ml: { unit: 'milliliters', quantity: 'volume' },
  ms: { unit: 'milliseconds', quantity: 'duration' },
  millis: { unit: 'milliseconds', quantity: 'duration' },
  milliseconds: { unit: 'milliseconds', quantity: 'duration' },
  s: { unit: 'seconds', quantity: 'duration' },
  sec: { unit: 'seconds', quantity: 'duration' },
  secs: { unit: 'seconds', quantity: 'duration' },
  seconds: { unit: 'seconds', quantity: 'duration' },
  mins: { unit: 'minutes', quantity: 'duration' },
  minutes: { unit: 'minutes', quantity: 'duration' },
  hours: { unit: 'hours', quantity: 'duration' },
  hrs: { unit: 'hours', quantity: 'duration' },
  days: { unit: 'days', quantity: 'duration' },
  bytes: { unit: 'bytes', quantity: 'size' },
  kb: { unit: 'kilobytes', quantity: 'size' },
  mb: { unit: 'megabytes', quantity: 'size' },
  gb: { unit: 'gigabytes', quantity: 'size' },
  pct: { unit: 'percent', quantity: 'share' },
  percent: { unit: 'percent', quantity: 'share' },
  percentage: { unit: 'percent', quantity: 'share' },
  eur: { unit: 'euros', quantity: 'amount' },
  usd: { unit: 'US dollars', quantity: 'amount' },
  gbp: { unit: 'pounds sterling', quantity: 'amount' },
  chf: { unit: 'Swiss francs', quantity: 'amount' },
  cents: { unit: 'cents', quantity: 'amount' },
  kwh: { unit: 'kilowatt hours', quantity: 'energy' },
  celsius: { unit: 'degrees Celsius', quantity: 'temperature' },
}

/** The unit the name ends with and what is measured, such as grams and `weight` for `weight_g`; null when it names none. */
export function unitOf(facts: ColumnFacts): { readonly unit: string; readonly quantity: string } | null {
  const tokens = splitName(facts.column.name)
  // `m3` and `m2` come apart where letters meet digits.
  const pair = tokens.slice(-2).join('')
  if (tokens.length > 2 && pair.length === 2 && units[pair] !== undefined)
    return withoutUnit(facts, units[pair], [-2, -1])
  const last = units[tokens.at(-1) ?? '']
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

function withoutUnit(
  facts: ColumnFacts,
  { unit, quantity }: Unit,
  positions: readonly number[],
): { readonly unit: string; readonly quantity: string } {
  const words = facts.words.filter((_, index) => !positions.includes(index - facts.words.length))
  return { unit, quantity: words.length === 0 ? quantity : columnPhrase({ ...facts, words }) }
}
