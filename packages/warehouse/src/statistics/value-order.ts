import type { ColumnCatalog } from '@amx/api'

/** How the values of a type compare and what their length means, as far as text alone can tell. */
export type ValueFamily = 'Number' | 'Temporal' | 'Text' | 'Boolean' | 'Enum' | 'Other'

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

/** An order of values written as text, or null where text does not tell it. */
export function valueOrder(
  column: Pick<ColumnCatalog, 'type' | 'enumValues'>,
): ((left: string, right: string) => number) | null {
  switch (valueFamily(column)) {
    case 'Number':
      return compareNumbers
    case 'Temporal':
      return compareTemporal
    case 'Text':
    case 'Boolean':
      return compareText
    case 'Enum': {
      const rank = new Map((column.enumValues ?? []).map((label, index) => [label, index]))
      return (left, right) => (rank.get(left) ?? 0) - (rank.get(right) ?? 0)
    }
    case 'Other':
      return null
  }
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

// PostgreSQL sorts NaN above everything, infinity included.
function compareNumbers(left: string, right: string): number {
  const [a, b] = [Number(left), Number(right)]
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  if (a !== b) return a - b
  const whole = /^-?\d+$/
  if (!whole.test(left) || !whole.test(right)) return 0
  const [exactLeft, exactRight] = [BigInt(left), BigInt(right)]
  return exactLeft < exactRight ? -1 : exactLeft > exactRight ? 1 : 0
}

// ISO text sorts by itself only within four-digit years; infinity, BC and later years are ranked first.
function compareTemporal(left: string, right: string): number {
  const [leftEra, leftRest] = temporalKey(left)
  const [rightEra, rightRest] = temporalKey(right)
  return leftEra - rightEra || compareText(leftRest, rightRest)
}

function temporalKey(text: string): readonly [year: number, rest: string] {
  if (text === '-infinity') return [Number.NEGATIVE_INFINITY, '']
  if (text === 'infinity') return [Number.MAX_VALUE, '']
  const dash = text.indexOf('-')
  const year = Number(text.slice(0, dash))
  return [text.endsWith(' BC') ? -year : year, text.slice(dash)]
}
