import { AmxError } from '@amx/api'
import { expect, test } from 'vitest'
import { isWorthRepeating, toStoreError } from './store-error.ts'

const withCode = (code: string, message = 'words of the driver') => Object.assign(new Error(message), { code })

test.each(['ECONNREFUSED', 'ECONNRESET', '57P01', '57P03', '08006', '53300', '57014', '28P01', '3D000', '42P01'])(
  '%s means that the store is not available',
  (code) => {
    expect(toStoreError(withCode(code))).toMatchObject({ code: 'AMX-9002', message: expect.stringContaining('driver') })
  },
)

test.each(['Connection terminated unexpectedly', 'timeout exceeded when trying to connect', 'Query read timeout'])(
  'so does "%s"',
  (message) => {
    expect(toStoreError(new Error(message))).toMatchObject({ code: 'AMX-9002' })
  },
)

test('every address that refused is named', () => {
  const refused = new AggregateError([
    withCode('ECONNREFUSED', 'refused ::1'),
    withCode('ECONNREFUSED', 'refused 127.0.0.1'),
  ])
  expect(toStoreError(refused)).toMatchObject({ code: 'AMX-9002', message: expect.stringMatching(/::1.*127\.0\.0\.1/) })
})

test('a mistake of ours stays what it is', () => {
  const mistake = withCode('42601', 'syntax error')
  expect(toStoreError(mistake)).toBe(mistake)
  const known = new AmxError('AMX-9003', { unit: '7' })
  expect(toStoreError(known)).toBe(known)
  expect(toStoreError('text')).toBe('text')
})

test('only deadlocks and serialisation failures are run again at once', () => {
  expect(['40P01', '40001', '23505', 'ECONNRESET'].map((code) => isWorthRepeating(withCode(code)))).toEqual([
    true,
    true,
    false,
    false,
  ])
})
