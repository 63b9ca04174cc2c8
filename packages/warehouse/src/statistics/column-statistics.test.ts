import type { ColumnCatalog } from '@amx/api'
import { describe, expect, test } from 'vitest'
import { columnStatistics } from './column-statistics.ts'

function column(type: string, enumValues?: string[]): ColumnCatalog {
  const base = { name: 'c', ordinal: 1, type, nullable: true, default: null, comment: null }
  return enumValues === undefined ? base : { ...base, enumValues }
}

function statistics(type: string, values: readonly (string | null)[], enumValues?: string[]) {
  return columnStatistics({ column: column(type, enumValues), values, totalRows: values.length, complete: true })
}

describe('the range', () => {
  test.each<[string, string[], [string, string] | null]>([
    ['integer', ['10', '9', '-3'], ['-3', '10']],
    ['bigint', ['9007199254740993', '9007199254740992'], ['9007199254740992', '9007199254740993']],
    ['numeric(12,2)', ['1.50', '10.00', '9.99'], ['1.50', '10.00']],
    ['double precision', ['NaN', '1', '-Infinity', 'Infinity'], ['-Infinity', 'NaN']],
    ['date', ['2024-01-02', '0044-03-15 BC', '12000-01-01'], ['0044-03-15 BC', '12000-01-01']],
    ['timestamp with time zone', ['infinity', '2024-01-02 00:00:00+00', '-infinity'], ['-infinity', 'infinity']],
    ['text', ['b', 'a', 'Z'], ['Z', 'b']],
    ['json', ['{"a":1}', '{}'], null],
    ['point', ['(1,2)', '(0,0)'], null],
    ['integer[]', ['{1}', '{2}'], null],
    ['sales.thing', ['x', 'y'], null],
  ])('of %s', (type, values, range) => {
    const { minimum, maximum } = statistics(type, values)
    expect(minimum === null ? null : [minimum, maximum]).toEqual(range)
  })

  test('of an enumeration follows its own order', () => {
    const { minimum, maximum } = statistics('status', ['gone', 'new'], ['new', 'paid', 'gone'])
    expect([minimum, maximum]).toEqual(['new', 'gone'])
  })
})

test('nulls are a part of the rows, not a value', () => {
  expect(statistics('text', ['a', null, null, 'a'])).toMatchObject({ nullFraction: 0.5, distinct: 1, samples: ['a'] })
})

test('a column of nulls has no range, no length, no pattern and no example', () => {
  expect(statistics('text', [null, null])).toMatchObject({
    nullFraction: 1,
    distinct: 0,
    minimum: null,
    minimumLength: null,
    samples: [],
    pattern: null,
  })
})

test('an empty table has no null fraction', () => {
  expect(statistics('text', [])).toMatchObject({ nullFraction: null, distinct: 0, distinctIsExact: true })
})

test('values that come back often are an enumeration, most frequent first', () => {
  expect(statistics('text', ['a', 'b', 'b', 'a', 'b']).frequencies).toEqual([
    { value: 'b', rows: 3 },
    { value: 'a', rows: 2 },
  ])
})

test('thirty-one values are no enumeration, thirty are', () => {
  const values = (count: number) => Array.from({ length: count * 4 }, (_, index) => `v${index % count}`)
  expect(statistics('text', values(31)).frequencies).toEqual([])
  expect(statistics('text', values(30)).frequencies).toHaveLength(30)
})

test('values that are all different are no enumeration, however few', () => {
  const { frequencies, samples } = statistics('text', ['a', 'b', 'c'])
  expect([frequencies, samples]).toEqual([[], ['a', 'b', 'c']])
})

test('there are at most five examples, spread over what was read', () => {
  const { samples } = statistics(
    'integer',
    Array.from({ length: 100 }, (_, index) => String(index)),
  )
  expect(samples).toEqual(['0', '20', '40', '60', '80'])
})

test('a value that was cut says so, and its length is not made up', () => {
  const { samples, maximumLength } = statistics('json', ['x'.repeat(257)])
  expect([samples[0]?.length, samples[0]?.at(-1), maximumLength]).toEqual([257, '…', null])
})

test('lengths measured by the server are taken', () => {
  const measured = columnStatistics({
    column: column('text'),
    values: ['x'.repeat(257)],
    totalRows: 1,
    complete: true,
    lengths: [10, 4000],
  })
  expect([measured.minimumLength, measured.maximumLength]).toEqual([10, 4000])
})

describe('the number of distinct values of a sample', () => {
  const distinct = (values: string[], totalRows: number | null) =>
    columnStatistics({ column: column('text'), values, totalRows, complete: false }).distinct

  test('is the number of rows when every value was new', () => {
    expect(distinct(['a', 'b', 'c'], 300)).toBe(300)
  })

  test('is what was seen when every value came back', () => {
    expect(distinct(['a', 'a', 'b', 'b'], 400)).toBe(2)
  })

  test('lies between when some came back, and is never more than the rows', () => {
    const estimate = distinct(['a', 'a', 'b', 'c'], 40) ?? 0
    expect(estimate).toBeGreaterThan(3)
    expect(estimate).toBeLessThanOrEqual(40)
  })

  test('is what was seen when nobody knows the number of rows', () => {
    expect(distinct(['a', 'b', 'c'], null)).toBe(3)
  })
})
