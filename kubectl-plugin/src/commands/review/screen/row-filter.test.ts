import { describe, expect, test } from 'vitest'
import { resultRow } from '../../../results/result-row-fixture.ts'
import type { Verdict } from '../verdict.ts'
import { pathPattern, readFilter } from './row-filter.ts'

const rows = [
  resultRow('sales.customer', { kind: 'Table', state: 'Skipped' }),
  resultRow('sales.customer.email', { band: 'Low' }),
  resultRow('sales.sale.id', { band: null, existingComment: 'The KEY of a sale.' }),
]
const verdicts = new Map<string, Verdict>([['sales.sale.id', { verdict: 'Skip' }]])

function matching(text: string): string[] {
  const filter = readFilter(text, new Set(['sales.customer']))
  if (filter.kind === 'problem') throw new Error(filter.problem)
  return rows.filter((row) => filter.matches(row, verdicts.get(row.id))).map(({ path }) => path)
}

describe('a filter', () => {
  test.each([
    ['', ['sales.customer', 'sales.customer.email', 'sales.sale.id']],
    ['EMAIL', ['sales.customer.email']],
    ['key', ['sales.sale.id']],
    ['sales id', ['sales.customer', 'sales.customer.email', 'sales.sale.id'].slice(2)],
    ['/^sales\\.sale\\b/', ['sales.sale.id']],
    ['/customer$', ['sales.customer']],
    ['band:low', ['sales.customer.email']],
    ['band:none', ['sales.sale.id']],
    ['state:skip', ['sales.customer']],
    ['kind:table', ['sales.customer']],
    ['table:sales.customer', ['sales.customer', 'sales.customer.email']],
    ['is:undecided', ['sales.customer', 'sales.customer.email']],
    ['is:decided', ['sales.sale.id']],
    ['is:changed', ['sales.customer']],
  ])('%s finds %j', (text, paths) => {
    expect(matching(text)).toEqual(paths)
  })

  test.each([
    ['/(/', 'no regular expression'],
    ['/(?=a)/', 'looks around'],
    ['/(a)\\1/', 'looks around or back'],
    ['band:best', 'band: is one of High, Medium, Low, None'],
    ['is:odd', 'is: decided, undecided or changed'],
  ])('%s is answered with what is wrong', (text, problem) => {
    expect(readFilter(text)).toEqual({ kind: 'problem', problem: expect.stringContaining(problem) })
  })
})

test('a pattern of the command line is read by the same rules', () => {
  expect(pathPattern('(?<=a)b')).toContain('looks around or back')
})
