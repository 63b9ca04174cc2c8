import { expect, test } from 'vitest'
import { canonicalJson, digestOf } from './canonical-json.ts'

test('the order in which members were written makes no difference, at any depth', () => {
  expect(canonicalJson({ b: [{ y: 1, x: 2 }], a: { d: null, c: 'ü' } })).toBe(
    '{"a":{"c":"ü","d":null},"b":[{"x":2,"y":1}]}',
  )
  expect(digestOf({ a: 1, b: { c: 2, d: 3 } })).toBe(digestOf({ b: { d: 3, c: 2 }, a: 1 }))
})

test('undefined members do not count, the order of a list does', () => {
  expect(digestOf({ a: 1, b: undefined })).toBe(digestOf({ a: 1 }))
  expect(digestOf([1, 2])).not.toBe(digestOf([2, 1]))
})

test('a digest is sha256: and 64 hexadecimal digits, equal for equal values and different for different ones', () => {
  expect(digestOf('a')).toMatch(/^sha256:[0-9a-f]{64}$/)
  expect(digestOf({ a: '1' })).not.toBe(digestOf({ a: 1 }))
})
