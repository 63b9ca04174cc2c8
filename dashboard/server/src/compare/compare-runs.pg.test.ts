import type { ServerStore } from '@amx/store'
import { draftedRun, tableOf } from '@amx/store/testing/run-fixture'
import { openSharedStores } from '@amx/store/testing/store-fixture'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compareRuns } from './compare-runs.ts'

let stores: Awaited<ReturnType<typeof openSharedStores>>
let runUids: readonly string[]
let overlaps = 0

beforeAll(async () => {
  stores = await openSharedStores()
  const small = await draftedRun(stores, [tableOf('s.t', ['a', 'b'])])
  const large = await draftedRun(stores, [tableOf('s.t', ['a', 'b']), tableOf('z.u', ['c'])])
  runUids = [small.uid, large.uid]
})

afterAll(() => stores.close())

function page(after?: string) {
  const counting: ServerStore = {
    ...stores.server,
    readOverlap(...given) {
      overlaps += 1
      return stores.server.readOverlap(...given)
    },
  }
  const query = { only: 'all', by: 'asset', limit: 2, ...(after !== undefined && { after }) } as const
  return compareRuns(counting, runUids, query, new AbortController().signal)
}

test('all rows are looked at for the first page alone, and later ones know what was found', async () => {
  const first = await page()
  expect(first.overlap).toEqual({ assets: 5, inAll: 3, same: 3 })
  const second = await page(first.next ?? '')
  const last = await page(second.next ?? '')
  expect(overlaps).toBe(1)
  expect([first, second, last].flatMap(({ rows }) => rows.map(({ path }) => path))).toEqual([
    's.t',
    's.t.a',
    's.t.b',
    'z.u',
    'z.u.c',
  ])
  expect([second.overlap, last.overlap, last.next]).toEqual([null, null, null])
  expect([second.remarks, last.metrics]).toEqual([first.remarks, first.metrics])
  expect(first.remarks[0]).toContain('cover different assets')
})

test('a cursor of another list is refused', async () => {
  await expect(page('WyJzIl0')).rejects.toThrow('page cursor')
})
