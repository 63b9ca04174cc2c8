import type { ColumnCatalog } from '@amx/api'

/** How the values of a type compare and what their length means, as far as text alone can tell. */
type ValueFamily = 'Number' | 'Temporal' | 'Text' | 'Boolean' | 'Enum' | 'Other'

/** The family of a column from the backend's own words for its type. */
export function valueFamily({ type, enumValues }: Pick<ColumnCatalog, 'type' | 'enumValues'>): ValueFamily {
  if (type.endsWith('[]')) return 'Other'
  if (enumValues !== undefined) return 'Enum'
  if (/^(smallint|integer|bigint|numeric|real|double precision|oid)\b/.test(type)) return 'Number'
  if (/^(date|timestamp)\b/.test(type)) return 'Temporal'
  if (/^(text|character|character varying|"char"|name|bpchar|uuid|time|(\w+\.)?citext)\b|^"char"/.test(type))
    return 'Text'
  if (type === 'boolean') return 'Boolean'
  return 'Other'
}

/** Smallest and largest of some values written as text, or null where text does not tell their order. */
export function valueRange(
  column: Pick<ColumnCatalog, 'type' | 'enumValues'>,
  values: Iterable<string>,
): readonly [minimum: string, maximum: string] | null {
  switch (valueFamily(column)) {
    case 'Number':
      return rangeBy(values, numberKey, compareNumbers)
    case 'Temporal':
      return rangeBy(values, temporalKey, compareTemporal)
    case 'Text':
    case 'Boolean':
      return rangeBy(values, (value) => value, compareText)
    case 'Enum': {
      const rank = new Map((column.enumValues ?? []).map((label, index) => [label, index]))
      return rangeBy(
        values,
        (value) => rank.get(value) ?? 0,
        (left, right) => left - right,
      )
    }
    case 'Other':
      return null
  }
}

/** Each value is read once: comparing the texts themselves would parse them again for every comparison. */
function rangeBy<Key>(
  values: Iterable<string>,
  keyOf: (value: string) => Key,
  compare: (left: Key, right: Key) => number,
): readonly [minimum: string, maximum: string] | null {
  let least: { readonly value: string; readonly key: Key } | null = null
  let most: { readonly value: string; readonly key: Key } | null = null
  for (const value of values) {
    const key = keyOf(value)
    if (least === null || compare(key, least.key) < 0) least = { value, key }
    if (most === null || compare(key, most.key) > 0) most = { value, key }
  }
  return least === null || most === null ? null : [least.value, most.value]
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

interface NumberKey {
  readonly value: number
  readonly text: string
}

function numberKey(text: string): NumberKey {
  return { value: Number(text), text }
}

// PostgreSQL sorts NaN above everything, infinity included.
function compareNumbers(left: NumberKey, right: NumberKey): number {
  if (Number.isNaN(left.value) || Number.isNaN(right.value)) {
    return Number(Number.isNaN(left.value)) - Number(Number.isNaN(right.value))
  }
  if (left.value !== right.value) return left.value - right.value
  const whole = /^-?\d+$/
  if (left.text === right.text || !whole.test(left.text) || !whole.test(right.text)) return 0
  const [exactLeft, exactRight] = [BigInt(left.text), BigInt(right.text)]
  return exactLeft < exactRight ? -1 : exactLeft > exactRight ? 1 : 0
}

interface TemporalKey {
  readonly year: number
  readonly rest: string
}

// ISO text sorts by itself only within four-digit years; infinity, BC and later years are ranked first.
function compareTemporal(left: TemporalKey, right: TemporalKey): number {
  return left.year - right.year || compareText(left.rest, right.rest)
}

function temporalKey(text: string): TemporalKey {
  if (text === '-infinity') return { year: -Number.MAX_VALUE, rest: '' }
  if (text === 'infinity') return { year: Number.MAX_VALUE, rest: '' }
  const dash = text.indexOf('-')
  const year = Number(text.slice(0, dash))
  return { year: text.endsWith(' BC') ? -year : year, rest: text.slice(dash) }
}
