import type { ColumnCatalog, SampleDisclosure } from '@amx/api'
import { describe, expect, test } from 'vitest'
import { columnStatistics } from '../statistics/column-statistics.ts'
import { discloseColumn } from './disclose-column.ts'

function disclose(
  name: string,
  type: string,
  values: readonly string[],
  disclosure: SampleDisclosure = 'Masked',
  enumValues?: string[],
) {
  const base: ColumnCatalog = { name, ordinal: 1, type, nullable: true, default: null, comment: 'untouched' }
  const column = enumValues === undefined ? base : { ...base, enumValues }
  const statistics = columnStatistics({ column, values, totalRows: values.length, complete: true })
  return discloseColumn(statistics, column, ['shop', 'thing', name], disclosure)
}

function repeat(values: readonly string[], times: number): string[] {
  return Array.from({ length: times }, () => values).flat()
}

const texts = ['first remark', 'second remark', 'third one']

describe('Masked', () => {
  test('text is told by its shape, its range too', () => {
    expect(disclose('remark', 'text', texts)).toMatchObject({
      samples: ['aaaaa aaaaaa', 'aaaaaa aaaaaa', 'aaaaa aaa'],
      minimum: 'aaaaa aaaaaa',
      maximum: 'aaaaa aaa',
      heldBack: null,
    })
  })

  test('states that many rows share are told as they are', () => {
    const profile = disclose('status', 'text', repeat(['open', 'closed'], 10))
    expect(profile.frequencies).toEqual([
      { value: 'closed', rows: 10 },
      { value: 'open', rows: 10 },
    ])
    expect(profile).toMatchObject({ samples: ['closed', 'open'], minimum: 'closed', heldBack: null })
  })

  test('a value that few rows hold is not shown beside those that many share', () => {
    const profile = disclose('status', 'text', [...repeat(['open', 'closed'], 10), 'Ada Lovelace complained'])
    expect(profile.frequencies.map(({ value }) => value)).toEqual(['closed', 'open'])
    expect(profile.samples).toEqual(['closed', 'open', 'Aaa Aaaaaaaa aaaaaaaaaa'])
  })

  test('a personal value is not shown however many rows share it', () => {
    const profile = disclose('channel', 'text', [...repeat(['web'], 99), ...repeat(['desk@example.com'], 3)])
    expect(JSON.stringify(profile)).not.toContain('desk@')
  })

  test.each([
    ['x1', ['Ada Lovelace', 'Karl-Heinz Vogel']],
    ['agent', ['Lovelace, Ada', 'J. R. Tolkien', 'none']],
    ['Sales_Note', ['call Ada', 'write to Tolkien']],
  ])('names of people in %s are told by their shape, however many rows share them', (name, values) => {
    const profile = disclose(name, 'text', repeat(values, 10))
    expect(profile.frequencies).toEqual([])
    expect(JSON.stringify(profile)).not.toMatch(/Ada|Vogel|Tolkien/)
  })

  test.each([
    ['payment_method', ['Credit Card', 'Bank Transfer']],
    ['x1', ['In Stock', 'Sold', 'Lost']],
    ['shape', ['half shade', 'full sun']],
  ])('states of two words in %s are told as they are', (name, values) => {
    const profile = disclose(name, 'text', repeat(values, 10))
    expect(profile.frequencies.map(({ value }) => value).toSorted()).toEqual(values.toSorted())
  })

  test.each(['created_by', 'decidedBy', 'account_manager', 'Sachbearbeiter'])('%s is held back whole', (name) => {
    expect(disclose(name, 'text', repeat(['lovelace', 'hopper'], 10))).toMatchObject({
      heldBack: 'Personal',
      samples: [],
    })
  })

  test('a column with a personal name is held back whole', () => {
    const profile = disclose('last_name', 'text', repeat(['Lovelace', 'Hopper'], 10))
    expect(profile).toMatchObject({ heldBack: 'Personal', samples: [], frequencies: [], minimum: null, maximum: null })
  })

  test('a column with personal values is held back whole, with its pattern', () => {
    const profile = disclose('login', 'text', ['ada@example.com', 'grace@example.com'])
    expect(profile).toMatchObject({ heldBack: 'Personal', samples: [], minimum: null, pattern: 'Email' })
  })

  test('a declared enumeration or a flag keeps its values whatever it is called', () => {
    const gender = disclose('gender', 'gender', ['f', 'm'], 'Masked', ['f', 'm', 'x'])
    expect(gender).toMatchObject({ heldBack: null, samples: ['f', 'm'] })
    expect(disclose('email_verified', 'boolean', repeat(['true', 'false'], 2)).heldBack).toBeNull()
  })

  test('a lookup table of few rows shows no values', () => {
    expect(disclose('label', 'text', ['Anna', 'Bert', 'Carl']).samples).toEqual(['Aaaa'])
  })
})

test('None tells figures and no values', () => {
  const profile = disclose('status', 'text', repeat(['open', 'closed'], 10), 'None')
  expect(profile).toMatchObject({ heldBack: 'Disclosure', samples: [], frequencies: [], minimum: null, distinct: 2 })
})

test('Raw tells everything', () => {
  const profile = disclose('email', 'text', ['ada@example.com'], 'Raw')
  expect(profile).toMatchObject({ heldBack: null, samples: ['ada@example.com'], minimum: 'ada@example.com' })
})
