import type { AuditRow, PreviewTotals } from '@amx/api'
import { describe, expect, test } from 'vitest'
import { changeRow } from '../results/run-summary-fixture.ts'
import { endLines, pendingLines, writtenLine } from './write-lines.ts'

function row(path: string, changes: Partial<AuditRow> = {}): AuditRow {
  const run = { uid: 'uid', name: 'write', type: 'Apply' }
  return { ...changeRow(path), databaseProfile: 'pg', run, undoes: null, undoneBy: null, ...changes }
}

const words = { done: 'written', kept: 'what was not written stays queued', cancelled: false }
const notOwner = row('sales.customer.blob', {
  outcome: 'Failed',
  problem: {
    code: 'AMX-2008',
    message: 'sales.customer.blob belongs to etl',
    remedy: 'GRANT etl TO writer',
    driverMessage: 'must be owner of table customer (SQLSTATE 42501)',
  },
})

describe('a row as it is written', () => {
  test.each([
    [row('s.a', { newText: 'One.' }), "COMMENT ON COLUMN s.a IS 'One.'; ok"],
    [row('s.a', { newText: '' }), 'COMMENT ON COLUMN s.a IS NULL; ok'],
    [row('s.a', { newText: 'x', dryRun: true }), "COMMENT ON COLUMN s.a IS 'x'; would be written"],
    [row('s.a', { newText: 'x', outcome: 'AlreadyThere' }), "COMMENT ON COLUMN s.a IS 'x'; there already"],
    [
      { ...notOwner, newText: 'x' },
      "COMMENT ON COLUMN sales.customer.blob IS 'x'; failed: must be owner of table customer (SQLSTATE 42501)",
    ],
  ])('says what became of it', (change, line) => {
    expect(writtenLine(change)).toBe(line)
  })

  test('never carries a control character of a text to the terminal', () => {
    expect(writtenLine(row('s.a', { newText: '\u001b[2J' }))).not.toContain('\u001b')
  })
})

describe('the end of an apply', () => {
  test('counts what was written and names the audit', () => {
    expect(endLines('write', { total: 38, done: 38, unwritten: [] }, words)).toEqual([
      '38/38 written. Audit: kubectl amx audit write',
    ])
  })

  test('lists each row that was not written with its remedy and the words of the database', () => {
    const drifted = row('sales.customer.name', { outcome: 'Drifted', problem: null })
    expect(endLines('write', { total: 38, done: 36, unwritten: [notOwner, drifted] }, words)).toEqual([
      '36/38 written, 1 failed, 1 left alone because the comment changed meanwhile.',
      '- sales.customer.blob belongs to etl',
      '    GRANT etl TO writer',
      '    the database said: must be owner of table customer (SQLSTATE 42501)',
      '- sales.customer.name: Drifted',
      'Then run it again: what was not written stays queued. Audit: kubectl amx audit write',
    ])
  })

  test('says what was written before it was cancelled', () => {
    const [line] = endLines('write', { total: 38, done: 12, unwritten: [] }, { ...words, cancelled: true })
    expect(line).toContain('12/38 written before it was cancelled; what was not written stays queued')
  })
})

test('what is pending is told with its tables, kinds and databases', () => {
  const totals: PreviewTotals = {
    rows: 39,
    columns: 36,
    relations: 2,
    containers: 1,
    tables: 22,
    firstTables: ['sales.customer', 'sales.customer_address'],
    databases: [{ target: 'k', databaseProfile: 'db-prod', database: 'analytics', rows: 39 }],
    beingWritten: 3,
  }
  expect(pendingLines(totals)).toEqual([
    'Pending in the review queue:',
    '  scope:      sales.customer, sales.customer_address and 20 more tables',
    '  total:      36 column descriptions + 2 table descriptions + 1 schema or database description',
    '  target:     db-prod/analytics',
    '  apply via:  COMMENT ON … (PostgreSQL)',
    '  left out:   3 rows that another run is writing',
  ])
})
