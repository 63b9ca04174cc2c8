import { expect, test } from 'vitest'
import { requestTimeoutMs } from './connection-options.ts'

test.each([
  ['10s', 10_000],
  ['2m', 120_000],
  ['15', 15_000],
  ['0', 2 ** 31 - 1],
  ['0s', 2 ** 31 - 1],
  ['9000h', 2 ** 31 - 1],
])('--request-timeout %s waits %i ms', (requestTimeout, ms) => {
  expect(requestTimeoutMs({ requestTimeout })).toBe(ms)
})

test('no --request-timeout waits half a minute, and what is no time is refused', () => {
  expect(requestTimeoutMs({})).toBe(30_000)
  expect(() => requestTimeoutMs({ requestTimeout: 'soon' })).toThrowError('--request-timeout')
})
