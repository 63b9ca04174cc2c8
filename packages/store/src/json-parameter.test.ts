import { expect, test } from 'vitest'
import { jsonParameter, storableText } from './json-parameter.ts'

test('what PostgreSQL can store is left as it is', () => {
  const value = { text: 'Größe \u{1f331} "quoted" \\u0000 as letters', list: [1, null, true] }
  expect(JSON.parse(jsonParameter(value))).toEqual(value)
})

test('NUL and halves of surrogate pairs are taken out, at any depth', () => {
  const value = { rows: [{ text: 'a\u0000b' }, { text: 'c\ud800d' }, { text: '\udc00' }] }
  expect(JSON.parse(jsonParameter(value))).toEqual({ rows: [{ text: 'ab' }, { text: 'c\ufffdd' }, { text: '\ufffd' }] })
  expect(storableText('a\u0000\ud83dz')).toBe('a\ufffdz')
})
