import { expect, test } from 'vitest'
import { compileScope } from './compile-scope.ts'
import { unknownNames } from './unknown-names.ts'

const relations = [
  ['sales', 'customer'],
  ['sales', 'orders'],
  ['hr', 'employee'],
  ['Sales.v2', 'Order ID'],
]

function unknown(include: string[], exclude: string[] = []) {
  const scope = compileScope({ include, exclude, tablePattern: null, kinds: [], tableLimit: 0, missingOnly: false })
  return unknownNames(scope, relations, (path) => (path === 'sales.customer' ? ['id', 'email'] : undefined))
}

test.each<[string, string, string[]]>([
  ['a misspelt schema', 'slaes', ['sales']],
  ['a misspelt table', 'sales.custmer', ['sales.customer']],
  ['a table in another schema', 'hr.customer', ['sales.customer']],
  ['a table in other case', '"Sales"."Customer"', ['sales.customer']],
  ['a table without its schema', 'employee', ['hr.employee']],
  ['a misspelt column', 'sales.customer.emial', ['sales.customer.email']],
  ['a column of a misspelt table', 'sales.custmer.email', ['sales.customer.email']],
  ['a quoted name', '"Sales.v2"."Order id"', ['"Sales.v2"."Order ID"']],
  ['something else altogether', 'completely_different', []],
])('%s is reported with the nearest name', (_, path, nearest) => {
  expect(unknown([path])).toEqual([{ path, nearest }])
})

test('what exists is not reported, however deep', () => {
  expect(unknown(['*', 'sales', 'sales.orders', 'sales.customer.email'], ['hr'])).toEqual([])
})

test('an exclusion that names nothing is reported too, and each only once', () => {
  expect(unknown(['nope.x'], ['nope.x']).map(({ path }) => path)).toEqual(['nope.x'])
})
