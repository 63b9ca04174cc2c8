import type { ApplyRow } from '@amx/api'
import { expect, test } from 'vitest'
import type { FaultFacts } from './fault-facts.ts'
import { rowOutcome } from './row-outcome.ts'

const row: ApplyRow = { rowId: '1', path: 's.t', kind: 'Table', text: 'new', expected: null, intended: false }

const facts: FaultFacts = {
  role: '"writer"',
  owner: '"owner"',
  ownerIsSuperuser: false,
  isOwner: false,
  mayEnterSchema: true,
  object: 'TABLE "s"."t"',
  schema: '"s"',
  holders: '',
  encoding: 'UTF8',
}

// The words of the server are German here; what was refused is told by the rights of the role alone.
test.each([
  ['an owner is missing', {}, 'AMX-2008', 'GRANT "owner" TO "writer";'],
  ['the owner is a superuser', { ownerIsSuperuser: true }, 'AMX-2022', 'ALTER TABLE "s"."t" OWNER TO "writer";'],
  ['the schema is shut', { mayEnterSchema: false }, 'AMX-2020', 'GRANT USAGE ON SCHEMA "s" TO "writer";'],
  ['the schema is shut for an owner too', { mayEnterSchema: false, isOwner: true }, 'AMX-2020', 'GRANT USAGE'],
  ['the table is one of the system', { schema: '"pg_catalog"', ownerIsSuperuser: true }, 'AMX-2021', 'Leave system'],
  ['the owner was refused, by what COMMENT sets off', { isOwner: true }, 'AMX-2032', '"writer"'],
] as const)('42501 when %s', (_, known, code, advice) => {
  const written = {
    outcome: 'Failed',
    oldText: null,
    sqlState: '42501',
    message: 'keine Berechtigung für Schema s',
    routine: null,
  }
  const { outcome, error } = rowOutcome(row, written, { target: 'db', statement: null, facts: { ...facts, ...known } })
  expect([outcome, error?.code]).toEqual(['Failed', code])
  expect(error?.remedy).toContain(advice)
  expect(error?.driverMessage).toBe('keine Berechtigung für Schema s (SQLSTATE 42501)')
})

test('42501 of an object that could not be asked about is a missing owner', () => {
  const written = { outcome: 'Failed', oldText: null, sqlState: '42501', message: 'nein', routine: null }
  expect(rowOutcome(row, written, { target: 'db', statement: null, facts: null }).error?.code).toBe('AMX-2008')
})
