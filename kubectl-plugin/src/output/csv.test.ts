import { expect, test } from 'vitest'
import { formatCSV } from './csv.ts'

test('fields are quoted where RFC 4180 wants it, and only there', () => {
  expect(
    formatCSV(
      ['plain', 'says'],
      [
        ['a', 'comma, here'],
        [1.5, 'the "quote"'],
        [null, 'two\nlines'],
        ['ünï', ' blank '],
      ],
    ),
  ).toBe('plain,says\r\na,"comma, here"\r\n1.5,"the ""quote"""\r\n,"two\nlines"\r\nünï," blank "\r\n')
})
