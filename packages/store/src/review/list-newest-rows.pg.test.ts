import { afterAll, beforeAll, expect, test } from 'vitest'
import { databaseKey, draftedRun, settingsOf, tableOf } from '../testing/run-fixture.ts'
import { openSharedStores } from '../testing/store-fixture.ts'
import type { ListNewestRowsQuery } from './list-newest-rows.ts'

let stores: Awaited<ReturnType<typeof openSharedStores>>

beforeAll(async () => {
  stores = await openSharedStores()
  const older = await draftedRun(stores, [tableOf('sales.customer', ['id', 'email']), tableOf('sales.sale', ['id'])], {
    name: 'older',
  })
  await stores.operator.recordDecision({
    uid: 'decided',
    name: 'decided',
    runUid: older.uid,
    draftDigest: older.digest,
    reviewer: 'ada',
    comment: '',
    items: [
      { asset: 'sales.customer', verdict: 'Accept', text: 'Who buys.' },
      { asset: 'sales.sale.id', verdict: 'Skip' },
    ],
  })
  await draftedRun(stores, [tableOf('sales.customer', ['id']), tableOf('salesx.t', ['id'])], { name: 'newer' })
  const target = { profileName: 'copy', databaseKey: `${databaseKey}-copy` }
  await draftedRun(stores, [tableOf('sales.customer', ['id'])], { name: 'copied', settings: settingsOf({ target }) })
  await draftedRun(stores, [tableOf('sales.customer', ['id'])], { name: 'elsewhere', namespace: 'other' })
})

afterAll(() => stores.close())

/** Runs and paths of all pages. */
async function listed(query: Partial<ListNewestRowsQuery>, limit = 100): Promise<string[]> {
  const rows: string[] = []
  let after: string | undefined
  do {
    const page = await stores.server.listNewestRows({ namespace: 'team', limit, ...query, ...(after && { after }) })
    rows.push(...page.rows.map(({ run, databaseProfile, path }) => `${run.name} ${databaseProfile} ${path}`))
    after = page.next ?? undefined
  } while (after !== undefined)
  return rows
}

const everything = [
  'newer shop sales.customer',
  'copied copy sales.customer',
  'older shop sales.customer.email',
  'newer shop sales.customer.id',
  'copied copy sales.customer.id',
  'older shop sales.sale',
  'older shop sales.sale.id',
  'newer shop salesx.t',
  'newer shop salesx.t.id',
]

test.each([1, 2, 3, 4, 5, 100])(
  'each asset of each database is listed once, as the newest run has it, in pages of %i',
  async (limit) => {
    expect(await listed({}, limit)).toEqual(everything)
  },
)

test.each<[string, Partial<ListNewestRowsQuery>, string[]]>([
  ['a database', { database: 'copy' }, everything.filter((row) => row.includes(' copy '))],
  ['a database of a profile', { database: 'shop/shop' }, everything.filter((row) => row.includes(' shop '))],
  ['a database nobody knows', { database: 'shops' }, []],
  ['a schema and what is in it', { within: ['"salesx"'] }, everything.slice(-2)],
  ['assets', { within: ['sales.sale', 'sales.customer.email'] }, [everything[2] ?? '', ...everything.slice(5, 7)]],
  ['everything in the database', { within: ['*'] }, everything],
  ['a state: the newest row of those that are in it', { state: ['Accepted'] }, ['older shop sales.customer']],
  ['several states', { state: ['Accepted', 'Skipped'] }, ['older shop sales.customer', 'older shop sales.sale.id']],
  ['an outcome that no row has', { applyOutcome: ['Applied'] }, []],
])('rows of %s', async (_, query, rows) => {
  expect(await listed(query, 2)).toEqual(rows)
})

test('a cursor of another list is refused', async () => {
  await expect(stores.server.listNewestRows({ namespace: 'team', limit: 1, after: 'x' })).rejects.toThrow('page cursor')
})
