import { expect, test } from 'vitest'
import { claimKind, draftBatches, profileTables, resolveScope, runOf, tableOf } from './testing/run-fixture.ts'
import { openStores, workerOf } from './testing/store-fixture.ts'

test('a run goes from its scope to written comments, and every figure of its summary follows', async () => {
  const stores = await openStores()
  const { operator, server } = stores
  const request = runOf({ batchSize: 2 })
  const { uid } = request
  expect(await operator.beginRun(request)).toEqual({ kind: 'Began' })
  expect(await operator.beginRun(request)).toEqual({ kind: 'Known' })

  await resolveScope(server, uid, [
    tableOf('sales.customer', ['id', 'email', 'Order ID'], { comments: { email: 'Mail address' } }),
    tableOf('sales.orders', ['id'], {
      planned: { table: false, columns: ['id'] },
      skipped: [{ path: 'sales.orders', reason: 'has a comment' }],
    }),
    tableOf('sales.secret', ['pin'], { unreadable: 'permission denied for table secret' }),
  ])
  expect(await operator.observeRun(uid)).toMatchObject({
    scopeResolved: true,
    profiled: false,
    plannedAssets: 7,
    units: { profile: { waiting: 2, leased: 0, failed: 0 } },
    summary: { tables: { total: 3, settled: 1 }, columns: { planned: 5, skipped: 1 } },
  })

  await profileTables(server, uid)
  const observed = await operator.observeRun(uid)
  expect(observed).toMatchObject({ profiled: true, drafted: false, units: { draft: { waiting: 3 } } })
  expect(observed?.summary.columns).toEqual({ planned: 5, profiled: 4, drafted: 0, skipped: 1, failed: 0 })

  await draftBatches(server, uid)
  expect(await operator.observeRun(uid)).toMatchObject({ drafted: true, summary: { tables: { total: 3, settled: 3 } } })
  const settled = await operator.settleDrafts(uid)
  expect(settled.rows).toBe(5)
  expect(await operator.settleDrafts(uid)).toEqual(settled)

  const decision = await operator.recordDecision({
    uid: 'decision-1',
    name: 'decision-1',
    runUid: uid,
    draftDigest: settled.digest,
    reviewer: 'ada',
    comment: '',
    items: [
      { asset: 'sales.customer.email', verdict: 'Accept', alternative: 2 },
      { asset: 'sales.customer."Order ID"', verdict: 'Accept', text: 'Number of the order' },
      { asset: 'sales.orders.id', verdict: 'Reject' },
    ],
  })
  expect(decision).toMatchObject({ kind: 'Recorded', counts: { accepted: 2, rejected: 1, superseded: 0 } })

  expect(await operator.planApply(uid)).toEqual({ rows: 2, units: 1 })
  expect(await operator.planApply(uid)).toEqual({ rows: 0, units: 0 })
  const [unit] = await claimKind(server, uid, 'apply')
  expect(unit?.rows).toMatchObject([
    { path: 'sales.customer."Order ID"', text: 'Number of the order', expected: null, intended: false },
    { path: 'sales.customer.email', text: 'Second text for sales.customer.email', expected: 'Mail address' },
  ])
  if (unit === undefined) return
  const [first, second] = unit.rows
  await server.recordResult(workerOf(uid, 'apply'), {
    unitId: unit.id,
    attempt: unit.attempt,
    kind: 'apply',
    statements: 2,
    durationMs: 5,
    rows: [
      { rowId: first?.rowId ?? '', outcome: 'Applied', oldText: null, statement: 'comment on …', error: null },
      { rowId: second?.rowId ?? '', outcome: 'Drifted', oldText: 'Other', statement: null, error: null },
    ],
  })
  await operator.setPhase(uid, 'PartiallyApplied', true)

  const observation = await operator.observeRun(uid)
  expect(observation?.summary).toMatchObject({
    phase: 'PartiallyApplied',
    model: 'stub-1',
    databaseProfiles: ['shop'],
    confidence: { high: 5, medium: 0, low: 0, none: 0, mean: 0.9 },
    review: { unreviewed: 2, accepted: 2, skipped: 0, rejected: 1, queued: 1 },
    apply: { applied: 1, failed: 0, refused: 1, unsupported: 0 },
    draftDigest: settled.digest,
  })
  expect(observation?.summary.finishedAt).not.toBeNull()
  expect((await server.listQueue({ namespace: 'team', limit: 10 })).rows).toMatchObject([
    { path: 'sales.customer.email', state: 'Failed', error: 'Drifted', decidedBy: 'ada' },
  ])
  expect((await server.listChanges(uid, { limit: 10 })).rows).toMatchObject([
    { path: 'sales.customer."Order ID"', outcome: 'Applied', oldText: null, newText: 'Number of the order' },
    { path: 'sales.customer.email', outcome: 'Drifted', oldText: 'Other' },
  ])
  expect(await server.findRun('team', request.name)).toEqual(observation?.summary)
  const events = await server.readEvents(uid, null, 100)
  expect(events.map(({ type }) => type)).toEqual([
    'RunStarted',
    'ScopeResolved',
    'TableProfiled',
    'TableProfiled',
    'BatchDrafted',
    'BatchDrafted',
    'BatchDrafted',
    'Drafted',
    'Decided',
    'ApplyStarted',
    'TableApplied',
    'RunFinished',
  ])
  expect(await server.readEvents(uid, events[9]?.id ?? null, 100)).toEqual(events.slice(10))
  const rows = (await server.listResults(uid, { limit: 100 })).rows
  expect(rows.map(({ path, state, skippedReason }) => [path, state, skippedReason])).toEqual([
    ['sales.customer', 'Unreviewed', null],
    ['sales.customer."Order ID"', 'Accepted', null],
    ['sales.customer.email', 'Accepted', null],
    ['sales.customer.id', 'Unreviewed', null],
    ['sales.orders', 'Unreviewed', 'has a comment'],
    ['sales.orders.id', 'Rejected', null],
    ['sales.secret', 'Unreviewed', 'permission denied for table secret'],
    ['sales.secret.pin', 'Unreviewed', 'permission denied for table secret'],
  ])
})
