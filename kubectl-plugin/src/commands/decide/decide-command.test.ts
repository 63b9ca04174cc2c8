import { expect, test } from 'vitest'
import { verdictsOf } from './decide-command.ts'

test('named assets are accepted in their first alternative unless told otherwise, in canonical form', () => {
  expect(verdictsOf('Accept', ['sales.customer', '"sales"."Order ID"'], {})).toEqual({
    items: [
      { asset: 'sales.customer', verdict: 'Accept', alternative: 1 },
      { asset: 'sales."Order ID"', verdict: 'Accept', alternative: 1 },
    ],
  })
  expect(verdictsOf('Accept', ['a.b'], { alternative: '3' }).items?.[0]).toEqual({
    asset: 'a.b',
    verdict: 'Accept',
    alternative: 3,
  })
})

test('own words take the place of an alternative', () => {
  expect(verdictsOf('Accept', ['a.b'], { text: 'The key.' }).items).toEqual([
    { asset: 'a.b', verdict: 'Accept', text: 'The key.' },
  ])
})

test('--high and --all become one filter', () => {
  expect(verdictsOf('Accept', [], { high: true, apply: true })).toEqual({
    filter: { verdict: 'Accept', minimumConfidence: 'High' },
    apply: true,
  })
  expect(verdictsOf('Accept', [], { all: true, comment: 'looked through' })).toEqual({
    filter: { verdict: 'Accept' },
    comment: 'looked through',
  })
})

test('other verdicts name the asset and nothing to accept', () => {
  expect(verdictsOf('Reject', ['a.b'], {})).toEqual({ items: [{ asset: 'a.b', verdict: 'Reject' }] })
  expect(verdictsOf('Restore', [], { all: true })).toEqual({ filter: { verdict: 'Restore' } })
})
