import type { ColumnCatalog } from '@amx/api'
import { expect, test } from 'vitest'
import { readInBatches } from './column-batches.ts'

function columns(count: number): ColumnCatalog[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `c${index}`,
    ordinal: index + 1,
    type: 'text',
    nullable: true,
    default: null,
    comment: null,
  }))
}

function failing(bad: readonly string[], code: string) {
  const sizes: number[] = []
  const read = async (batch: readonly ColumnCatalog[]) => {
    sizes.push(batch.length)
    if (batch.some(({ name }) => bad.includes(name))) throw Object.assign(new Error('bad value'), { code })
    return batch.map(({ name }) => name)
  }
  return { sizes, read }
}

test('columns are read 200 at a time', async () => {
  const { sizes, read } = failing([], '22000')
  await readInBatches(columns(450), read)
  expect(sizes).toEqual([200, 200, 50])
})

test('a relation without columns is read all the same', async () => {
  const { sizes, read } = failing([], '22000')
  await readInBatches([], read)
  expect(sizes).toEqual([0])
})

test('a column at fault is found and the others are read', async () => {
  const { read } = failing(['c3', 'c17'], '22P02')
  const { results, unread } = await readInBatches(columns(40), read)
  expect(unread.map(({ name }) => name)).toEqual(['c3', 'c17'])
  expect(results.flat()).toHaveLength(38)
})

test('when everything fails the search ends, and every column is named', async () => {
  const all = columns(200)
  const { sizes, read } = failing(
    all.map(({ name }) => name),
    '22012',
  )
  const { unread } = await readInBatches(all, read)
  expect(unread).toHaveLength(200)
  expect(sizes.length).toBeLessThan(30)
})

test.each(['42501', '57014', '55P03', '42P01', '08006'])(
  'SQLSTATE %s concerns the table and is thrown',
  async (code) => {
    const { sizes, read } = failing(['c1'], code)
    await expect(readInBatches(columns(4), read)).rejects.toThrow('bad value')
    expect(sizes).toEqual([4])
  },
)
