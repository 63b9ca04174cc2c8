import { parse } from 'csv-parse/sync'
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

const hostile = ['a,b', '"', '""', 'x\r\ny', '\n', ' ', "'", '', 'ü\u2028', 'a"b,c\nd', '\u0000', '"=1"', 'a=1']

test('a reader of CSV gets every text back as it was', () => {
  const rows = hostile.map((text, index) => [text, index, hostile.at(-index - 1) ?? ''] as const)
  const read = parse(formatCSV(['text', 'number', 'other'], rows), { from: 2 })
  expect(read).toEqual(rows.map((row) => row.map(String)))
})

test.each(['=cmd()', '+1+1', '-view', '@SUM(A1)', '\t=1', '\r=1'])('%j is no formula to a spreadsheet', (text) => {
  expect(parse(formatCSV(['text'], [[text]]), { from: 2 })).toEqual([[`'${text}`]])
})

test.each(['-1', '+0.5', '-3.2e5', '-12%'])('%s stays a number', (text) => {
  expect(parse(formatCSV(['text'], [[text]]), { from: 2 })).toEqual([[text]])
})
