import { expect, test } from 'vitest'
import { compareResourceVersions } from './resource-version.ts'

test.each([
  ['1', '2', -1],
  ['9', '10', -1],
  ['100', '99', 1],
  ['7', '7', 0],
  ['18446744073709551617', '18446744073709551616', 1],
  ['9007199254740993', '9007199254740992', 1],
  ['', '1', undefined],
  ['0', '1', undefined],
  ['01', '1', undefined],
  ['abc', '1', undefined],
  ['abc', 'abc', 0],
] as const)('%s against %s is %s', (a, b, order) => {
  expect(compareResourceVersions(a, b)).toBe(order)
})
