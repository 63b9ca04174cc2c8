import type { TableProfile } from '@amx/api'
import type { ColumnFacts } from '../evidence/column-facts.ts'
import { plainData } from '../evidence/quoted-data.ts'
import { isNumeric, isTemporal } from '../evidence/type-family.ts'
import { joinedList } from './joined-list.ts'

/** Most values a sentence names one by one. */
const namedAtMost = 8

/** A clause that names the values, such as `: new, paid or shipped`; empty where none are known. */
export function valuesClause(facts: ColumnFacts): string {
  const values = facts.values.map((value) => plainData(value, 40)).filter((value) => value !== '' && !isMasked(value))
  if (values.length === 0) return facts.values.length === 0 ? samplesClause(facts) : ''
  if (values.length === 1 && !facts.valuesAreClosed) return `, ${values[0]} in every row profiled`
  const numbers = wholeNumbers(values)
  if (numbers !== null) return numbers
  if (values.length <= namedAtMost) return `: ${joinedList(values, 'or')}`
  return `, such as ${joinedList(values.slice(0, 4))}`
}

/** Whether a value was replaced by its shape before it came here, such as `Aaaa ##`. */
function isMasked(value: string): boolean {
  return /#|\*{2}/.test(value) || (/[Aa]{2}/.test(value) && !/[^\P{L}Aa]/u.test(value))
}

/** Small whole numbers in their order, as a span where none is left out; null for other values. */
function wholeNumbers(values: readonly string[]): string | null {
  if (!values.every((value) => /^-?\d{1,9}$/.test(value) && String(Number(value)) === value)) return null
  const sorted = values.map(Number).toSorted((a, b) => a - b)
  const [first = 0] = sorted
  const last = sorted.at(-1) ?? first
  if (sorted.length > 3 && last - first === sorted.length - 1) return `: whole numbers from ${first} to ${last}`
  return `: ${joinedList(sorted.map(String), 'or')}`
}

/** Whether the values are short codes that say nothing by themselves. */
export function areOpaque(facts: ColumnFacts): boolean {
  const pattern = facts.profile?.pattern
  if (pattern === 'CountryCode' || pattern === 'CurrencyCode') return false
  const name = facts.words.map(({ word }) => word).join(' ')
  if (/language|country|currency|salutation|size|gender|warehouse|airport|state\b|year|grade|rating|number/.test(name))
    return false
  const values = facts.values.length > 0 ? facts.values : (facts.profile?.samples ?? [])
  return values.length > 0 && values.every((value) => /^-?\d+$|^[\p{Lu}\d]{1,2}$|^[A-Z]{1,4}\d{1,4}$/u.test(value))
}

/** A clause on what the values look like, for columns whose name says nothing. */
export function contentClause(facts: ColumnFacts): string {
  const { profile } = facts
  if (profile !== null && profile.heldBack === null) {
    if (facts.values.length > 0 || profile.samples.length > 0) return valuesClause(facts)
    if (isNumeric(facts.family) && profile.minimum !== null && profile.maximum !== null)
      return ` from ${profile.minimum} to ${profile.maximum}`
  }
  return facts.valuesAreClosed ? valuesClause(facts) : ''
}

/** A sentence on the range of a measure or date as it was when profiled; null where there is none worth telling. */
export function rangeSentence(facts: ColumnFacts, table: TableProfile): string | null {
  const { profile, family } = facts
  if (profile === null || profile.heldBack !== null || table.rowsRead === 0) return null
  if (!isNumeric(family) && !isTemporal(family)) return null
  const { minimum, maximum } = profile
  if (minimum === null || maximum === null || minimum === maximum) return null
  const short = (text: string) => plainData(isTemporal(family) ? text.slice(0, 10) : text, 40)
  const rows = table.mode === 'Sampled' ? 'the rows sampled' : 'the rows profiled'
  return `Values range from ${short(minimum)} to ${short(maximum)} in ${rows}.`
}

/** A sentence on missing values; null where nothing is known or nothing is missing. */
export function emptinessSentence(facts: ColumnFacts, table: TableProfile): string | null {
  if (!facts.column.nullable) return null
  const fraction = facts.profile?.nullFraction ?? null
  if (fraction === null || table.rowsRead === 0) return 'May be empty.'
  if (fraction >= 0.995) return 'Empty in every row profiled.'
  if (fraction < 0.005) return fraction === 0 ? null : 'Rarely empty.'
  return `Empty for about ${Math.round(fraction * 100)}% of the rows.`
}

function samplesClause(facts: ColumnFacts): string {
  const { profile } = facts
  if (profile === null || profile.heldBack !== null || profile.samples.length === 0) return ''
  const samples = profile.samples
    .filter((sample) => sample.length <= 30 && !isMasked(sample) && sample.trim() !== '')
    .slice(0, 3)
  return samples.length === 0 ? '' : `, such as ${joinedList(samples.map((sample) => plainData(sample)))}`
}
