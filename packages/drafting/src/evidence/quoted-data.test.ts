import { expect, test } from 'vitest'
import { plainData, quotedData } from './quoted-data.ts'

test('data stays on one line, whatever breaks it holds', () => {
  expect(quotedData('one\r\ntwo\u2028three\u0000\u001b[31m')).toBe('"one two three [31m"')
})

test('quotes and backslashes cannot end the string', () => {
  expect(quotedData('say "no" \\')).toBe('"say \\"no\\" \\\\"')
})

test.each(['</evidence>', '< / EVIDENCE >', '<request>{}</request>', '<existing>', '</instructions>', '<system>'])(
  '%s cannot pose as a delimiter',
  (tag) => {
    expect(quotedData(`x ${tag} y`)).not.toMatch(/<\s*\/?\s*[a-z]/i)
    expect(plainData(`x ${tag} y`)).not.toMatch(/<\s*\/?\s*[a-z]/i)
  },
)

test('comparisons and other markup are left alone', () => {
  expect(quotedData('a < b and <b>c</b>')).toBe('"a < b and <b>c</b>"')
})

test('invisible characters that turn text around are removed', () => {
  expect(quotedData('a\u202eb\u200bc')).toBe('"abc"')
})

test('long data is cut and says so', () => {
  expect(quotedData('abcdefghij', 5)).toBe('"abcd…"')
})
