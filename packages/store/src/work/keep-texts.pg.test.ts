import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { claimAll, containerOf, resolveScope, runOf, settingsOf, tableOf } from '../testing/run-fixture.ts'
import { openStores } from '../testing/store-fixture.ts'

test('texts written by people are drafts of their assets as soon as these are known to exist', async () => {
  const { operator, server } = await openStores()
  const settings = {
    ...settingsOf(),
    type: 'Generate' as const,
    model: null,
    texts: [
      { target: 0, path: 'a.t', text: 'What is sold.' },
      { target: 0, path: 'a.t.c', text: 'Its\u0000 colour.' },
      { target: 0, path: 'a', text: 'All of it.' },
      { target: 0, path: 'a.closed', text: 'Nobody may read it.' },
    ],
  }
  const run = runOf({ settings, type: 'Generate' })
  await operator.beginRun(run)
  const tables = [
    tableOf('a.t', ['c'], { comments: { c: 'The comment before.' } }),
    tableOf('a.closed', [], { unreadable: 'permission denied' }),
  ]
  await resolveScope(server, run.uid, tables, [containerOf('a', { 'a.t': null })])

  expect(await operator.observeRun(run.uid)).toMatchObject({ scopeResolved: true, profiled: true, drafted: true })
  expect(await claimAll(server, run.uid, 'profile')).toEqual([])
  expect(await claimAll(server, run.uid, 'draft')).toEqual([])
  const { digest } = await operator.settleDrafts(run.uid)
  const { rows } = await server.listResults(run.uid, { limit: 10 })
  expect(rows.map(({ path, source, alternatives }) => [path, source, alternatives[0]?.text])).toEqual([
    ['a', 'human', 'All of it.'],
    ['a.closed', 'human', 'Nobody may read it.'],
    ['a.t', 'human', 'What is sold.'],
    ['a.t.c', 'human', 'Its colour.'],
  ])
  expect(rows[3]).toMatchObject({
    existingComment: 'The comment before.',
    score: null,
    band: null,
    state: 'Unreviewed',
  })

  const decision = {
    uid: randomUUID(),
    name: 'all',
    runUid: run.uid,
    draftDigest: digest,
    reviewer: 'ada',
    comment: '',
  }
  await operator.recordDecision({ ...decision, filter: { verdict: 'Accept' } })
  const queue = await server.listQueue({ namespace: 'team', limit: 10 })
  expect(queue.rows.map(({ text }) => text).sort()).toEqual([
    'All of it.',
    'Its colour.',
    'Nobody may read it.',
    'What is sold.',
  ])
})
