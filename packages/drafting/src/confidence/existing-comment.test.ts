import { expect, test } from 'vitest'
import { tableProfile } from '../testing/table-profile-fixture.ts'
import { evidenceSubject } from './evidence-subject.ts'
import { existingComment } from './existing-comment.ts'

function judged(name: string, comment: string, type = 'text', values: string[] = []) {
  const profile = tableProfile({
    path: 'shop.product',
    columns: [{ name, type, comment, frequencies: values.map((value) => ({ value, rows: 10 })) }],
  })
  return existingComment(evidenceSubject(profile, name))
}

test.each([
  ['sku', 'Stock keeping unit: letters and a number.', 'text', []],
  ['channel', 'Where it was ordered: web, app or phone.', 'text', ['web', 'app', 'phone']],
  ['bwart', 'Movement type of the ERP system.', 'text', []],
] as [string, string, string, string[]][])('the comment of %s is kept', (name, comment, type, values) => {
  expect(judged(name, comment, type, values)).toEqual({ kept: comment })
})

test.each([
  ['shipped_at', 'Date of birth of the customer.', 'timestamp', 'shares no word'],
  ['weight_g', 'Price of the product in euros.', 'integer', 'contradicts'],
  ['unit_price', 'TODO', 'numeric', 'placeholder'],
  ['unit_price', 'Unit Price', 'numeric', 'repeats the name'],
])('the comment of %s, "%s", is doubted', (name, comment, type, reason) => {
  expect(judged(name, comment, type)).toEqual({ doubted: expect.stringContaining(reason) })
})

test('no comment is nothing to judge', () => {
  expect(judged('sku', ' ')).toBeNull()
})
