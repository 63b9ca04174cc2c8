import { expect, test } from 'vitest'
import { changeRow } from '../../results/run-summary-fixture.ts'
import { auditTable } from './audit-table.ts'

const row = {
  ...changeRow('sales.customer.email', { oldText: 'Mail.', newText: 'Address that letters are sent to.' }),
  run: { uid: 'u', name: 'nightly', type: 'Analyze' },
  databaseProfile: 'shop-db',
  undoes: null,
  undoneBy: null,
}

test('a screen that has room gets a table, a narrow one an entry on several lines, and nobody else is cut short', () => {
  const table = [
    'TIME       RUN       TARGET    ASSET                  OUTCOME   DECIDED BY   APPLIED BY   BEFORE   AFTER',
    '2026-11-20',
    '09:00:00   nightly   shop-db   sales.customer.email   Applied   ada          grace        Mail.    Address that letters are sent to.',
  ]
  expect(auditTable([row], { headers: true, width: null })).toEqual(table)
  expect(auditTable([row], { headers: true, width: 140 })).toEqual(table)
  expect(auditTable([row], { headers: true, width: 44 })).toEqual([
    '2026-11-20',
    '09:00:00  sales.customer.email  Applied',
    '          run nightly on shop-db',
    '          decided by ada, applied by grace',
    '          before  Mail.',
    '          after   Address that letters are',
    '                  sent to.',
  ])
})
