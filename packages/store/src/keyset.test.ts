import { expect, test } from 'vitest'
import { createParameters, cutPage, readCursor, writeCursor } from './keyset.ts'

test('a cursor gives back its keys whatever they hold', () => {
  const keys = ['sales."Ordér ID"', '42', 0.5]
  expect(readCursor(writeCursor(keys), 3)).toEqual(keys)
})

test.each([undefined, ''])('no cursor (%s) is the beginning', (cursor) => {
  expect(readCursor(cursor, 2)).toBeNull()
})

test.each([
  'nonsense',
  writeCursor(['a']),
  Buffer.from('{"a":1}').toString('base64url'),
  Buffer.from('[null,1]').toString('base64url'),
])('a cursor that is none of ours (%s) is refused', (cursor) => {
  expect(() => readCursor(cursor, 2)).toThrow(expect.objectContaining({ code: 'AMX-1014' }))
})

test('a page knows its last row only when more follow', () => {
  expect(cutPage([1, 2, 3], 2)).toEqual({ page: [1, 2], last: 2 })
  expect(cutPage([1, 2], 2)).toEqual({ page: [1, 2], last: null })
  expect(cutPage([], 2)).toEqual({ page: [], last: null })
})

test('placeholders number the values in the order they were added', () => {
  const parameters = createParameters()
  expect([parameters.add('a'), parameters.add(null)]).toEqual(['$1', '$2'])
  expect(parameters.values).toEqual(['a', null])
})
