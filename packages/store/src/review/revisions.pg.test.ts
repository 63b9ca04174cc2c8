import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { DecisionItem, RecordDecisionResult } from '../contract.ts'
import { type DraftedRun, draftedRun, tableOf } from '../testing/run-fixture.ts'
import { openStores, type Stores } from '../testing/store-fixture.ts'

const asset = 'a.t.c'
const onTable = (stores: Stores, name?: string) =>
  draftedRun(stores, [tableOf('a.t', ['c', 'd'])], name === undefined ? {} : { name })

function decide(
  { operator }: Stores,
  run: DraftedRun,
  reviewer: string,
  ...items: readonly DecisionItem[]
): Promise<RecordDecisionResult> {
  const uid = randomUUID()
  return operator.recordDecision({
    uid,
    name: uid,
    runUid: run.uid,
    draftDigest: run.digest,
    reviewer,
    comment: '',
    items,
  })
}

async function revisionOf({ server }: Stores, run: DraftedRun, path = asset): Promise<number | undefined> {
  const { rows } = await server.listResults(run.uid, { limit: 10 })
  return rows.find((row) => row.path === path)?.revision
}

test('every decision about a row counts its revision up, and only its', async () => {
  const stores = await openStores()
  const run = await onTable(stores)
  expect(await revisionOf(stores, run)).toBe(0)
  await decide(stores, run, 'ada', { asset, verdict: 'Accept', revision: 0 })
  expect(await revisionOf(stores, run)).toBe(1)
  await decide(stores, run, 'ada', { asset, verdict: 'Restore', revision: 1 })
  expect(await revisionOf(stores, run)).toBe(2)
  expect(await revisionOf(stores, run, 'a.t.d')).toBe(0)
})

test('what another person decided meanwhile is not overwritten: the refusal says what, by whom and when', async () => {
  const stores = await openStores()
  const run = await onTable(stores)
  await decide(stores, run, 'grace', { asset, verdict: 'Accept', text: 'Colour of the leaves.' })
  const result = await decide(
    stores,
    run,
    'ada',
    { asset: 'a.t.d', verdict: 'Accept' },
    { asset, verdict: 'Reject', revision: 0 },
  )
  expect(result).toMatchObject({ kind: 'Refused', reason: 'Conflict', error: { code: 'AMX-1009' } })
  const message = result.kind === 'Refused' ? result.error.message : ''
  expect(message).toMatch(
    /^a\.t\.c changed since it was read: it is Accepted as "Colour of the leaves\." by grace at 20/,
  )
  expect(message).toMatch(/\(revision 1, you saw 0\)$/)
  expect(await revisionOf(stores, run, 'a.t.d')).toBe(0)
})

test('a queued text that a newer run took the place of is not edited back by who did not see that', async () => {
  const stores = await openStores()
  const [older, newer] = [await onTable(stores, 'older'), await onTable(stores, 'newer')]
  await decide(stores, older, 'ada', { asset, verdict: 'Accept' })
  const [queued] = (await stores.server.listQueue({ namespace: 'team', limit: 10 })).rows
  expect(queued).toMatchObject({ revision: 1, databaseProfile: 'shop', draftDigest: older.digest })
  await decide(stores, newer, 'grace', { asset, verdict: 'Accept', text: 'The newer text.' })
  const result = await decide(stores, older, 'ada', { asset, verdict: 'Accept', text: 'Edited.', revision: 1 })
  expect(result).toMatchObject({
    kind: 'Refused',
    reason: 'Conflict',
    error: { message: expect.stringMatching(/grace at .* accepted "The newer text\." for it in run "newer"/) },
  })
  expect((await stores.server.listQueue({ namespace: 'team', limit: 10 })).rows).toMatchObject([
    { text: 'The newer text.' },
  ])
  const { rows } = await stores.server.listResults(older.uid, { limit: 10 })
  expect(rows.find(({ path }) => path === asset)).toMatchObject({
    supersededBy: { run: 'newer', version: 1, decidedBy: 'grace', decidedAt: expect.stringMatching(/^20.*Z$/) },
  })
})

test('of two decisions of different runs at once the edit of the older row never hides the newer text', async () => {
  const stores = await openStores()
  const [older, newer] = [await onTable(stores, 'older'), await onTable(stores, 'newer')]
  await decide(stores, older, 'ada', { asset, verdict: 'Accept' })
  // Either the edit comes first and the newer text takes its place, or it comes second and is refused.
  await Promise.all([
    decide(stores, newer, 'grace', { asset, verdict: 'Accept', text: 'The newer text.' }),
    decide(stores, older, 'ada', { asset, verdict: 'Accept', text: 'Edited.', revision: 1 }),
  ])
  const [row] = (await stores.server.listQueue({ namespace: 'team', limit: 10 })).rows
  expect(row?.text).toBe('The newer text.')
})
