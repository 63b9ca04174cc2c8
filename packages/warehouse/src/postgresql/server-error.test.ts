import { AmxError } from '@amx/api'
import { describe, expect, test } from 'vitest'
import { codeWhenReading, connectError, statementError } from './server-error.ts'

function failure(message: string, code?: string): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code })
}

const target = 'postgresql://db:5432/shop'

describe('a failure to connect', () => {
  test.each([
    ['connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED', 'AMX-2001'],
    ['getaddrinfo ENOTFOUND nowhere', 'ENOTFOUND', 'AMX-2001'],
    ['timeout expired', undefined, 'AMX-2001'],
    ['password authentication failed for user "x"', '28P01', 'AMX-2002'],
    ['no pg_hba.conf entry for host "10.0.0.1", user "x", database "y", SSL encryption', '28000', 'AMX-2002'],
    ['no pg_hba.conf entry for host "10.0.0.1", user "x", database "y", no encryption', '28000', 'AMX-2006'],
    ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a non-empty string', undefined, 'AMX-2002'],
    ['The server does not support SSL connections', undefined, 'AMX-2006'],
    ['self-signed certificate in certificate chain', 'SELF_SIGNED_CERT_IN_CHAIN', 'AMX-2006'],
    ["Hostname/IP does not match certificate's altnames", 'ERR_TLS_CERT_ALTNAME_INVALID', 'AMX-2006'],
    ['database "y" does not exist', '3D000', 'AMX-2007'],
    ['sorry, too many clients already', '53300', 'AMX-2013'],
    ['the database system is starting up', '57P03', 'AMX-2001'],
  ])('%s', (message, code, expected) => {
    const error = connectError(failure(message, code), target)
    expect(error.code).toBe(expected)
    expect(error.message).toContain(message)
    expect(error.message).toContain(target)
  })
})

test.each([
  ['zu viele Verbindungen von Rolle »x«', 'InitializeSessionUserId', 'AMX-2035'],
  ['zu viele Verbindungen für Datenbank »y«', 'CheckMyDatabase', 'AMX-2035'],
  ['tut mir leid, schon zu viele Verbindungen', 'InitProcess', 'AMX-2013'],
])('whose connections are used up is told without its words: %s', (message, routine, expected) => {
  expect(connectError(Object.assign(failure(message, '53300'), { routine }), target).code).toBe(expected)
})

test.each([
  ['42501', 'AMX-2003'],
  ['55P03', 'AMX-2005'],
  ['57014', 'AMX-2004'],
  ['42P01', 'AMX-2011'],
  ['42703', 'AMX-2011'],
  ['25006', 'AMX-2012'],
  ['08006', 'AMX-2001'],
  ['22P02', 'AMX-2099'],
])('SQLSTATE %s when reading', (state, code) => {
  expect(codeWhenReading(state)).toBe(code)
})

test('a failed statement keeps the words and the state of the server', () => {
  const error = statementError(failure('division by zero', '22012'), { asset: 'a.b', target })
  expect(error.report()).toMatchObject({ code: 'AMX-2099', message: 'a.b: division by zero (SQLSTATE 22012)' })
})

test('a connection that broke is unreachable, and a catalogue error stays what it is', () => {
  expect(statementError(failure('Connection terminated unexpectedly'), { asset: 'a.b', target }).code).toBe('AMX-2001')
  const known = new AmxError('AMX-1011', {})
  expect(statementError(known, { asset: 'a.b', target })).toBe(known)
})
