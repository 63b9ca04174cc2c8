import type { PatternClass } from '@amx/api'
import { expect, test } from 'vitest'
import { patternClass } from './pattern-class.ts'

test.each<[PatternClass | null, string[]]>([
  ['Email', ['ada@example.com', 'b.c+d@mail.example.org']],
  ['UUID', ['0b7c8c9e-6f4a-4a0b-9d3e-0a1b2c3d4e5f']],
  ['URL', ['https://example.com/a?b=c', 'ftp://x.org']],
  ['Phone', ['+49 30 1234567', '(030) 123-4567', '030/1234567']],
  ['IPAddress', ['10.0.0.1', '192.168.1.0/24', '::1', 'fe80::1']],
  ['IBAN', ['DE89370400440532013000', 'GB82 WEST 1234 5698 7654 32']],
  ['ISODate', ['2024-01-31', '0044-03-15 BC']],
  ['ISOTimestamp', ['2024-01-31 10:00:00+00', '2024-01-31T10:00:00.123Z']],
  ['Time', ['10:00', '10:00:00.5+02']],
  ['CountryCode', ['DE', 'FR', 'US']],
  ['CurrencyCode', ['EUR', 'USD']],
  ['JSON', ['{"a": 1}', '[1, 2]']],
  ['Hex', ['\\x00ff', '0xDEADBEEF', 'd41d8cd98f00b204e9800998ecf8427e']],
  ['Integer', ['1', '-20', '300']],
  ['Decimal', ['1', '2.5', '1e-7']],
  ['Boolean', ['yes', 'no']],
  ['Code', ['A-100', 'B-200', 'paid']],
  ['FreeText', ['the quick brown fox', 'jumps', 'over the lazy dog']],
  ['Mixed', ['1', 'ada@example.com', '2024-01-31', 'words in a row']],
  [null, ['', '  ']],
  [null, []],
])('%s', (expected, values) => {
  expect(patternClass(values)).toBe(expected)
})

test('a few values of another kind do not hide what most are', () => {
  const emails = Array.from({ length: 19 }, (_, index) => `user${index}@example.com`)
  expect(patternClass([...emails, 'unknown'])).toBe('Email')
})

test('a long value of one character does not take long', () => {
  expect(patternClass(['0'.repeat(256), '-'.repeat(256), 'a.'.repeat(128), ':'.repeat(256)])).not.toBeUndefined()
})
