import { describe, expect, test } from 'vitest'
import { evidenceSubject } from '../confidence/evidence-subject.ts'
import { foundChunk } from '../testing/context-fixture.ts'
import { salesOrder } from '../testing/shop-profile.ts'
import { askedSubject, readChunk, relevanceFloor, relevanceOf } from './relevance.ts'

const profile = salesOrder()

function relevance(asset: string | null, text: string, title: string | null = null): number {
  return relevanceOf(
    askedSubject(evidenceSubject(profile, asset)),
    readChunk(foundChunk(text, { title, path: 'notes.md' })),
  )
}

describe('a chunk is about an asset', () => {
  test.each([
    ['billing_address_id', 'The billing_address_id is copied from the customer.'],
    ['shipped_at', 'An order is shipped when the carrier took it over.'],
    ['net_total', 'The net total is the sum of all lines before tax; sales orders carry it.'],
    ['order_status', 'A sales order is new, then paid, then shipped. Its status never goes back.'],
    ['currency_code', 'Currency: all sales orders are in euros.'],
    ['net_total', 'SELECT sum(l.price) AS net_total FROM order_line l'],
    ['net_total', 'const netTotal = lines.reduce(add, 0)'],
    [null, 'insert into sales.sales_order values (1)'],
    [null, 'What we know about sales_order: a row per order.'],
    [null, 'A sales order is made when the customer pays.'],
  ])('%s: %s', (asset, text) => {
    expect(relevance(asset, text)).toBeGreaterThanOrEqual(relevanceFloor)
  })
})

describe('a chunk is about something else', () => {
  test.each([
    ['net_total', 'Holidays are asked for four weeks before.'],
    ['order_status', 'The status of a parking permit is shown in the portal.'],
    ['note', 'Please note that the canteen is closed.'],
    ['currency_code', 'Every branch has a code.'],
    ['updated_at', 'The handbook was updated last week.'],
    [null, 'We sell shoes.'],
    [null, 'Keep the warehouse in order.'],
  ])('%s: %s', (asset, text) => {
    expect(relevance(asset, text)).toBeLessThan(relevanceFloor)
  })
})

test('the title of a chunk counts as its text', () => {
  expect(relevance(null, 'One row for each of them.', 'Sales orders')).toBeGreaterThanOrEqual(relevanceFloor)
})
