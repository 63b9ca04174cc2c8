import { expect, test } from 'vitest'
import { openServerStore } from '../server-store.ts'
import { draftedRun, draftsOf, tableOf } from '../testing/run-fixture.ts'
import { openStores } from '../testing/store-fixture.ts'

const names = Array.from({ length: 210 }, (_, index) => `c${String(index).padStart(3, '0')}`)
const table = tableOf('a.t', names, { planned: { table: false, columns: names } })

test('scores are calibrated by what people made of 200 rows, and not before', async () => {
  const stores = await openStores()
  // 105 rows score 0.9, 105 score 0.4.
  const run = await draftedRun(stores, [table], {
    rowsOf: (unit) =>
      draftsOf(unit).map((row) => {
        const score = Number(row.path.slice(-3)) % 2 === 0 ? 0.9 : 0.4
        const alternatives = row.alternatives.map((alternative) => ({ ...alternative, score }))
        return { ...row, score, alternatives }
      }),
  })
  const decide = (uid: string, items: { asset: string; verdict: 'Accept' | 'Skip'; text?: string }[]) =>
    stores.operator.recordDecision({
      uid,
      name: uid,
      runUid: run.uid,
      draftDigest: run.digest,
      reviewer: 'ana',
      comment: '',
      items,
    })
  const assets = names.map((name) => `a.t.${name}`)
  const even = assets.filter((_, index) => index % 2 === 0)
  const odd = assets.filter((_, index) => index % 2 === 1)
  const calibratedOf = async () => {
    // A server that starts now: nothing fitted before is in its memory.
    const server = openServerStore({ url: stores.url })
    const { rows } = await server.listResults(run.uid, { limit: 2 })
    await server.close()
    return rows.map(({ score, calibrated }) => [score, calibrated])
  }

  await decide(
    'accepts',
    even.slice(0, 99).map((asset) => ({ asset, verdict: 'Accept' })),
  )
  await decide(
    'skips',
    odd.slice(0, 100).map((asset) => ({ asset, verdict: 'Skip' })),
  )
  expect(await calibratedOf()).toEqual([
    [0.9, null],
    [0.4, null],
  ])
  // An edited text says that the draft was not right: 99 of 100 with 0.9, and with one more accepted 1 of 101 with 0.4.
  await decide('edit', [{ asset: even[99] ?? '', verdict: 'Accept', text: 'Better said by a person.' }])
  await decide('one', [{ asset: odd[100] ?? '', verdict: 'Accept' }])
  expect(await calibratedOf()).toEqual([
    [0.9, 0.99],
    [0.4, 0.01],
  ])
})
