import { AmxError } from '@amx/api'
import { expect, test } from 'vitest'
import { quoteIdentifier, quoteLiteral, quoteQualified } from './quote.ts'

test.each([
  ['plain', '"plain"'],
  ['Upper', '"Upper"'],
  ['with.dot', '"with.dot"'],
  ['a"b', '"a""b"'],
  ['"; drop table x; --', '"""; drop table x; --"'],
  ['Größe 🎉', '"Größe 🎉"'],
  ['select', '"select"'],
])('the identifier %s', (name, quoted) => {
  expect(quoteIdentifier(name)).toBe(quoted)
})

test.each([
  ["it's", "'it''s'"],
  ["'; drop table x; --", "'''; drop table x; --'"],
  ['back\\slash', " E'back\\\\slash'"],
  ["\\'", " E'\\\\'''"],
  ['', "''"],
])('the literal %s', (text, quoted) => {
  expect(quoteLiteral(text)).toBe(quoted)
})

test('a name or text with a NUL character is refused', () => {
  expect(() => quoteIdentifier('a\0b')).toThrow(AmxError)
  expect(() => quoteLiteral('a\0b')).toThrow(AmxError)
  expect(() => quoteIdentifier('')).toThrow(AmxError)
})

test('parts are quoted one by one', () => {
  expect(quoteQualified(['Sales.v2', 'a"b', 'c'])).toBe('"Sales.v2"."a""b"."c"')
})
