import { describe, expect, test } from 'vitest'
import { AmxError, toAmxError } from './amx-error.ts'
import { catalogue, type ErrorCode } from './catalogue.ts'

const codes = Object.keys(catalogue) as ErrorCode[]

describe.each(codes)('%s', (code) => {
  const { reason, message, remedy } = catalogue[code]

  test('has a reason that a condition can carry', () => {
    expect(reason).toMatch(/^[A-Z][A-Za-z]{2,62}$/)
  })

  test('says what can be done about it, in a sentence', () => {
    expect(remedy).toMatch(/^[A-Z].*\.$/s)
    expect(message.length).toBeGreaterThan(0)
  })

  test('fills every placeholder from its facts', () => {
    const names = [...`${message} ${remedy}`.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
    const error = new AmxError(code, Object.fromEntries(names.map((name) => [name, `<${name}>`])))
    for (const name of names) expect(`${error.message} ${error.remedy}`).toContain(`<${name}>`)
    expect(`${error.message} ${error.remedy}`).not.toMatch(/[{}]/)
  })
})

test('no two codes share a reason', () => {
  const reasons = codes.map((code) => catalogue[code].reason)
  expect(reasons.filter((reason, index) => reasons.indexOf(reason) !== index)).toEqual([])
})

test('an error goes over the wire and comes back with the same words', () => {
  const error = new AmxError('AMX-2007', { target: 'pg/shop', detail: 'no such database' })
  const back = AmxError.fromReport(error.report())
  expect(back.code).toBe('AMX-2007')
  expect(back.message).toBe(error.message)
})

test('what is not of the catalogue becomes AMX-9001 and keeps its cause', () => {
  const cause = new Error('boom')
  const error = toAmxError(cause)
  expect(error.code).toBe('AMX-9001')
  expect(error.message).toBe('boom')
  expect(error.cause).toBe(cause)
  expect(toAmxError(error)).toBe(error)
})
