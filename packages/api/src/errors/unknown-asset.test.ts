import { expect, test } from 'vitest'
import { unknownAsset, unknownAssetsOf } from './unknown-asset.ts'

const many = Array.from({ length: 12 }, (_, index) => `s.t${index}`)

test.each<[readonly string[], string, string, readonly string[]]>([
  [['sales.custmer'], '', 'sales.custmer does not exist', ['sales.custmer']],
  [['a', 'b'], '; did you mean c?', 'a and b do not exist; did you mean c?', ['a', 'b']],
  [['a', 'b', 'c'], '', 'a, b and c do not exist', ['a', 'b', 'c']],
  [many, '', `${many.slice(0, 10).join(', ')} and 2 more do not exist`, many.slice(0, 10)],
  [['a.b'], ' among the results of this run', 'a.b does not exist among the results of this run', ['a.b']],
])('%j is told and read back', (assets, where, message, read) => {
  const error = unknownAsset(assets, where)
  expect(error).toMatchObject({ code: 'AMX-1006', message })
  expect(unknownAssetsOf(error.message)).toEqual(read)
})

test('another message names no asset', () => {
  expect(unknownAssetsOf('the server is away')).toEqual([])
})
