import { expect, test } from 'vitest'
import { tableProfile } from '../testing/table-profile-fixture.ts'
import { checkClaims } from './check-claims.ts'

const profile = tableProfile({
  path: 'shop.product',
  columns: [
    { name: 'price', type: 'numeric' },
    { name: 'note', type: 'text' },
  ],
})

test.each([
  ['Price of the product.', 'price', { supported: 1, contradicted: 0, open: 0 }],
  ['Date and time of the price.', 'price', { supported: 1, contradicted: 1, open: 0 }],
  ['Foreign key to the supplier.', 'note', { supported: 0, contradicted: 1, open: 0 }],
  ['Remark about the product.', 'note', { supported: 0, contradicted: 0, open: 0 }],
])('%s', (text, column, claims) => {
  expect(checkClaims(text, profile, column)).toEqual(claims)
})
