import type { ColumnCatalog, ColumnProfile } from '@amx/api'
import { distinctEstimate } from './distinct-estimate.ts'
import { patternClass } from './pattern-class.ts'
import { valueFamily, valueRange } from './value-order.ts'

/** Characters of a value that are read; one more tells that it went on. */
export const valueCharacters = 256

const sampleLimit = 5
const frequencyLimit = 30

/** Figures of one column with its values as they are: not to leave the pod before the privacy setting was applied. */
export interface ColumnStatistics extends Omit<ColumnProfile, 'heldBack'> {
  /** Some distinct values for telling personal data; never sent. */
  readonly evidence: readonly string[]
}

/** A value as it was read; small numbers and flags need no text of their own until they are shown. */
export type SampledValue = string | number | boolean | null

interface SampledColumn {
  readonly column: ColumnCatalog
  /** One entry per row read; null is SQL's null. Texts longer than {@link valueCharacters} are cut one character after. */
  readonly values: readonly SampledValue[]
  /** Rows of the whole relation, null when nobody knows. */
  readonly totalRows: number | null
  /** Every row was read: the figures are exact. */
  readonly complete: boolean
  /** Shortest and longest text of the rows read where the server measured it; else it is taken from the values. */
  readonly lengths?: readonly [minimum: number, maximum: number] | null
}

const evidenceLimit = 200

/** Null fraction, distinct values, range, lengths, frequencies, examples and pattern of one column from rows that were read. */
export function columnStatistics(sampled: SampledColumn): ColumnStatistics {
  const { column, values } = sampled
  const { found, present } = countValues(values)
  let seenOnce = 0
  for (const count of found.values()) if (count === 1) seenOnce += 1

  const nullFraction = values.length === 0 ? null : 1 - present / values.length
  const presentInTotal =
    sampled.totalRows === null || nullFraction === null ? null : sampled.totalRows * (1 - nullFraction)
  const range = valueRange(column, found.keys())
  const lengths = sampled.lengths === undefined ? lengthRange(column, found) : sampled.lengths
  const cut = (value: string) => (value.length > valueCharacters ? `${value.slice(0, valueCharacters)}…` : value)
  const evidence = spread([...found.keys()], evidenceLimit)
  const frequencies = isLowCardinality(column, found.size, present) ? mostFrequent(found) : []
  const samples =
    frequencies.length > 0 ? frequencies.slice(0, sampleLimit).map(({ value }) => value) : spread(evidence, sampleLimit)

  return {
    name: column.name,
    nullFraction: nullFraction === null ? null : round(nullFraction),
    distinct:
      values.length === 0 && !sampled.complete
        ? null
        : distinctEstimate({ rows: present, distinct: found.size, seenOnce, totalRows: presentInTotal }),
    distinctIsExact: sampled.complete,
    minimum: range === null ? null : cut(range[0]),
    maximum: range === null ? null : cut(range[1]),
    minimumLength: lengths?.[0] ?? null,
    maximumLength: lengths?.[1] ?? null,
    samples: samples.map(cut),
    frequencies: frequencies.map(({ value, rows }) => ({ value: cut(value), rows })),
    pattern: patternClass(evidence),
    evidence,
  }
}

function countValues(values: readonly SampledValue[]): {
  readonly found: ReadonlyMap<string, number>
  readonly present: number
} {
  const counts = new Map<SampledValue, number>()
  for (const value of values) {
    const seen = counts.get(value)
    counts.set(value, seen === undefined ? 1 : seen + 1)
  }
  const present = values.length - (counts.get(null) ?? 0)
  counts.delete(null)
  return { found: isOfTexts(counts) ? counts : textCounts(counts), present }
}

/** All values of a column come in one form: the first tells. */
function isOfTexts(counts: ReadonlyMap<SampledValue, number>): counts is ReadonlyMap<string, number> {
  const [first] = counts.keys()
  return first === undefined || typeof first === 'string'
}

function textCounts(counts: ReadonlyMap<SampledValue, number>): ReadonlyMap<string, number> {
  return new Map([...counts].map(([value, count]) => [String(value), count]))
}

/** Few values, each many times: an enumeration in all but name. Types that are one by nature need no repetition. */
function isLowCardinality(column: ColumnCatalog, distinct: number, present: number): boolean {
  if (distinct === 0 || distinct > frequencyLimit) return false
  const family = valueFamily(column)
  return family === 'Enum' || family === 'Boolean' || present >= 2 * distinct
}

function mostFrequent(counts: ReadonlyMap<string, number>): { value: string; rows: number }[] {
  return [...counts]
    .map(([value, rows]) => ({ value, rows }))
    .sort((left, right) => right.rows - left.rows || (left.value < right.value ? -1 : 1))
}

function lengthRange(column: ColumnCatalog, counts: ReadonlyMap<string, number>): readonly [number, number] | null {
  if (valueFamily(column) === 'Temporal' || counts.size === 0) return null
  let [shortest, longest] = [Number.POSITIVE_INFINITY, 0]
  for (const value of counts.keys()) {
    const length = value.length
    // The rest of a value that was cut is not known: no figure is better than a wrong one.
    if (length > valueCharacters) return null
    if (length < shortest) shortest = length
    if (length > longest) longest = length
  }
  return [shortest, longest]
}

/** At most `limit` of the items, evenly over their order, so that neighbours on one page do not stand for the whole. */
function spread(items: readonly string[], limit: number): string[] {
  if (items.length <= limit) return [...items]
  return Array.from({ length: limit }, (_, index) => items[Math.floor((index * items.length) / limit)] ?? '')
}

function round(fraction: number): number {
  return Math.round(fraction * 1e6) / 1e6
}
