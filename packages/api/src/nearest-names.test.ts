import { expect, test } from 'vitest'
import { editDistance } from './nearest-names.ts'

test.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', 'acb', 1],
  ['abc', 'ab', 1],
  ['abc', 'xyz', 3],
  ['kitten', 'sitting', 3],
])('the distance of "%s" and "%s" is %d', (left, right, distance) => {
  expect(editDistance(left, right, 5)).toBe(distance)
})

test('a distance above the limit is the limit and one', () => {
  expect(editDistance('abcdef', 'uvwxyz', 2)).toBe(3)
})
