import { catalogue } from '@amx/api'
import { expect, test } from 'vitest'
import { writeFault } from './write-fault.ts'

test.each([
  // Who may.
  ['42501', 'must be owner of table t', 'AMX-2008', 'AfterFix'],
  ['42939', 'role name "pg_x" is reserved', 'AMX-2021', 'Never'],
  // What is there.
  ['42P01', 'relation "s.t" does not exist', 'AMX-2011', 'AfterFix'],
  ['42703', 'column "c" of relation "t" does not exist', 'AMX-2011', 'AfterFix'],
  ['3F000', 'schema "s" does not exist', 'AMX-2011', 'AfterFix'],
  ['42704', 'type "t" does not exist', 'AMX-2011', 'AfterFix'],
  ['42809', '"s" is not a table', 'AMX-2031', 'AfterFix'],
  ['0A000', 'comments are not supported', 'AMX-2034', 'Never'],
  // What the text holds.
  ['22P05', 'character with byte sequence 0xf0 0x9f in encoding "UTF8" has no equivalent', 'AMX-2030', 'AfterFix'],
  ['22021', 'invalid byte sequence for encoding "UTF8": 0x00', 'AMX-2030', 'AfterFix'],
  ['54000', 'row is too big', 'AMX-2029', 'AfterFix'],
  ['54001', 'stack depth limit exceeded', 'AMX-2029', 'AfterFix'],
  // Others at work.
  ['55P03', 'canceling statement due to lock timeout', 'AMX-2037', 'Retry'],
  ['55006', 'object is in use', 'AMX-2033', 'Retry'],
  ['40P01', 'deadlock detected', 'AMX-2025', 'Retry'],
  ['40001', 'could not serialize access due to concurrent update', 'AMX-2025', 'Retry'],
  ['XX000', 'tuple concurrently updated', 'AMX-2025', 'Retry'],
  ['P0001', 'comments are frozen', 'AMX-2032', 'AfterFix'],
  ['23505', 'duplicate key value violates unique constraint', 'AMX-2032', 'AfterFix'],
  // Time.
  ['57014', 'canceling statement due to user request', 'AMX-2024', 'Retry'],
  ['25P04', 'terminating connection due to transaction timeout', 'AMX-2023', 'Retry'],
  // The server.
  ['25006', 'cannot execute COMMENT in a read-only transaction', 'AMX-2012', 'AfterFix'],
  ['53100', 'could not extend file: No space left on device', 'AMX-2026', 'AfterFix'],
  ['53200', 'out of shared memory', 'AMX-2027', 'Retry'],
  ['53300', 'sorry, too many clients already', 'AMX-2013', 'Retry'],
  ['57P01', 'terminating connection due to administrator command', 'AMX-2001', 'Retry'],
  ['57P02', 'terminating connection because of crash of another server process', 'AMX-2001', 'Retry'],
  ['57P03', 'the database system is starting up', 'AMX-2001', 'Retry'],
  ['57P04', 'the database was dropped', 'AMX-2007', 'AfterFix'],
  ['08006', 'connection failure', 'AMX-2001', 'Retry'],
  ['08001', 'could not connect', 'AMX-2001', 'Retry'],
  ['28P01', 'password authentication failed', 'AMX-2002', 'AfterFix'],
  ['28000', 'role "w" is not permitted to log in', 'AMX-2002', 'AfterFix'],
  ['3D000', 'database "d" does not exist', 'AMX-2007', 'AfterFix'],
  ['XX001', 'invalid page in block 0', 'AMX-2028', 'AfterFix'],
  ['58030', 'could not read block', 'AMX-2028', 'AfterFix'],
  // What nobody thought of keeps the words of the server.
  ['55000', 'object is not in the prerequisite state', 'AMX-2099', 'AfterFix'],
  ['22012', 'division by zero', 'AMX-2099', 'AfterFix'],
] as const)('%s %s', (sqlState, message, code, retry) => {
  expect(writeFault({ sqlState, message, routine: null, tookItsTime: false })).toBe(code)
  expect(catalogue[code].retry).toBe(retry)
})

// What one state has several causes for is told apart without its words, which may be in any language.
test.each([
  ['57014', { message: 'storniere Anfrage wegen Zeitüberschreitung der Anfrage', tookItsTime: true }, 'AMX-2023'],
  ['57014', { message: 'storniere Anfrage wegen Benutzeraufforderung' }, 'AMX-2024'],
  ['57P01', { message: 'breche Verbindung ab', tookItsTime: true }, 'AMX-2001'],
  ['53300', { message: 'tut mir leid, schon zu viele Verbindungen', routine: 'InitProcess' }, 'AMX-2013'],
  ['53300', { message: 'zu viele Verbindungen von Rolle »w«', routine: 'InitializeSessionUserId' }, 'AMX-2035'],
  ['53300', { message: 'zu viele Verbindungen für Datenbank »d«', routine: 'CheckMyDatabase' }, 'AMX-2035'],
  [
    '55000',
    { message: 'Sperrmodus kann während der Wiederherstellung nicht gesetzt werden', routine: 'LockAcquireExtended' },
    'AMX-2012',
  ],
] as const)('%s %j', (sqlState, told, code) => {
  expect(writeFault({ sqlState, routine: null, tookItsTime: false, ...told })).toBe(code)
})
