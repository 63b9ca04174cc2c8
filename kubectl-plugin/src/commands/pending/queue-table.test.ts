import type { QueueRow } from '@amx/api'
import { expect, test } from 'vitest'
import { queueCSV, queueTable } from './queue-table.ts'

const row: QueueRow = {
  id: '7',
  target: 'postgresql://pg:5432/shop',
  databaseProfile: 'prod-pg',
  path: 'sales.customer.note',
  kind: 'Column',
  text: `A remark,\nas the clerk "said" it. ${'And more. '.repeat(6)}`,
  run: { uid: 'u', name: 'nightly' },
  decidedBy: 'ada',
  decidedAt: '2026-11-21T06:07:55.000Z',
  state: 'Failed',
  error: 'permission \u001b[31mdenied',
}
const now = new Date('2026-11-21T08:07:55Z')

test('a table shows where, what, who, when, and why it failed, on one line and without the escapes of others', () => {
  const [heads, line] = queueTable([row], { now })
  expect(heads).toMatch(/^TARGET +ASSET +BY +WHEN +STATE +ERROR +TEXT$/)
  expect(line).toMatch(
    /^prod-pg +sales\.customer\.note +ada +2h +Failed +permission .* +A remark, as the clerk "said" it\. .*…$/,
  )
  expect(line).not.toContain('\u001b')
})

test('a column of errors is there only where something failed, and a screen cuts the text', () => {
  const [heads, line] = queueTable([{ ...row, state: 'Queued', error: null }], { now, width: 70 })
  expect(heads).toMatch(/^TARGET +ASSET +BY +WHEN +STATE +TEXT$/)
  expect(line).toHaveLength(70)
  expect(line).toMatch(/A remark, .*…$/)
})

test('wide leaves texts whole and adds run, kind and id', () => {
  const [line] = queueTable([row], { now, wide: true, noHeaders: true })
  expect(line).toContain('2026-11-21T06:07:55Z')
  expect(line).toMatch(/nightly +Column +7 +A remark, .* And more\.$/)
})

test('a CSV file keeps line breaks and quotes', () => {
  expect(queueCSV([row])).toContain('"A remark,\nas the clerk ""said"" it.')
})
