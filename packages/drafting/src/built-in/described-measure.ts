import type { TableProfile } from '@amx/api'
import type { ColumnFacts } from '../evidence/column-facts.ts'
import { columnPhrase, unitOf } from './column-phrase.ts'
import { isPlural, noun, pluralPhrase } from './openings.ts'

/** Opening sentences about a measure: what is measured, and in what. */
export function measureOpenings(facts: ColumnFacts, table: TableProfile): string[] {
  const found = unitOf(facts)
  // What stands before `min` is an adjective as often as a noun: `free_min`, `labour_min`.
  if (found !== null && found.unit === 'minutes' && facts.column.name.toLowerCase().endsWith('min'))
    return noun(`number of ${found.quantity} minutes`, facts, '')
  const named = found?.quantity ?? columnPhrase(facts)
  const phrase = /^(?:on|in|at) /.test(named)
    ? `quantity ${named}`
    : /^\w+ed$/.test(named)
      ? `${named} quantity`
      : named
  const unit = found === null ? currencyClause(phrase, facts, table) : `, in ${found.unit}`
  const counted = /^(.+) count$/.exec(phrase)?.[1]
  if (counted !== undefined) return noun(`number of ${pluralPhrase(counted)}`, facts, unit)
  if (facts.family === 'Integer' && found === null && isPlural(phrase)) return noun(`number of ${phrase}`, facts, unit)
  return noun(phrase, facts, unit)
}

function currencyClause(phrase: string, facts: ColumnFacts, table: TableProfile): string {
  if (!/price|amount|total|cost|fee|balance|salary|revenue|payment|limit|spend/.test(phrase)) return ''
  const currency = table.catalog.columns.find(
    ({ name }) => name !== facts.column.name && /currency|curr|crncy/i.test(name),
  )
  return currency === undefined ? '' : `, in the currency given by ${currency.name}`
}
