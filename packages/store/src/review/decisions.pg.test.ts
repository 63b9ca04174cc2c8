import { randomUUID } from 'node:crypto'
import type { DraftUnit } from '@amx/api'
import { expect, test } from 'vitest'
import type { DecisionFilter, DecisionItem, RecordDecisionResult } from '../contract.ts'
import { type DraftedRun, draftedRun, draftOf, draftsOf, settingsOf, tableOf } from '../testing/run-fixture.ts'
import { openStores, type Stores } from '../testing/store-fixture.ts'

interface Decision {
  readonly items?: readonly DecisionItem[]
  readonly filter?: DecisionFilter
  readonly uid?: string
  readonly digest?: string
  readonly reviewer?: string
}

function decide({ operator }: Stores, run: DraftedRun, decision: Decision): Promise<RecordDecisionResult> {
  const uid = decision.uid ?? randomUUID()
  return operator.recordDecision({
    uid,
    name: `decision-${uid}`,
    runUid: run.uid,
    draftDigest: decision.digest ?? run.digest,
    reviewer: decision.reviewer ?? 'ada',
    comment: '',
    ...(decision.items === undefined ? {} : { items: decision.items }),
    ...(decision.filter === undefined ? {} : { filter: decision.filter }),
  })
}

async function statesOf({ server }: Stores, run: DraftedRun): Promise<Record<string, string>> {
  const { rows } = await server.listResults(run.uid, { limit: 500 })
  return Object.fromEntries(rows.map(({ path, state }) => [path, state]))
}

const queueOf = async ({ server }: Stores) => (await server.listQueue({ namespace: 'team', limit: 500 })).rows

/** A table with one row of each kind a reviewer meets. */
const mixedTable = tableOf('a.t', ['high', 'low', 'fallback', 'refused', 'noted'], {
  planned: { table: true, columns: ['high', 'low', 'fallback', 'refused', 'noted'] },
  comments: { noted: 'An old comment' },
})

function mixedRows(unit: DraftUnit) {
  return draftsOf(unit).map((row) => {
    switch (row.path) {
      case 'a.t.low':
        return { ...row, band: 'Low' as const, score: 0.2 }
      case 'a.t.noted':
        return {
          ...row,
          alternatives: [...row.alternatives.slice(0, 1), { text: 'A placeholder', score: null, fallback: true }],
        }
      case 'a.t.fallback':
        return {
          ...row,
          band: null,
          score: null,
          alternatives: [{ text: 'Column fallback', score: null, fallback: true }],
        }
      case 'a.t.refused':
        return { ...row, band: null, score: null, alternatives: [], skippedReason: 'the model refused' }
      default:
        return row
    }
  })
}

const mixedRun = (stores: Stores, name?: string) =>
  draftedRun(stores, [mixedTable], { rowsOf: mixedRows, ...(name === undefined ? {} : { name }) })

test('a decision that names another draft than the run has is stale', async () => {
  const stores = await openStores()
  const run = await mixedRun(stores)
  const items = [{ asset: 'a.t.high', verdict: 'Accept' as const }]
  expect(await decide(stores, run, { items, digest: 'sha256:old' })).toMatchObject({
    kind: 'Refused',
    reason: 'Stale',
    error: { code: 'AMX-1007', message: expect.stringContaining(run.digest) },
  })
  expect(await queueOf(stores)).toEqual([])
})

test.each<[string, DecisionItem, string, string]>([
  ['an unknown asset', { asset: 'a.t.nope', verdict: 'Accept' }, 'UnknownAsset', 'a.t.nope'],
  ['what is no path', { asset: 'a..b', verdict: 'Accept' }, 'UnknownAsset', 'a..b'],
  ['placeholders alone', { asset: 'a.t.fallback', verdict: 'Accept' }, 'NotReviewable', 'no draft'],
  ['a refused row', { asset: 'a.t.refused', verdict: 'Accept' }, 'NotReviewable', 'the model refused'],
  [
    'an alternative that is not there',
    { asset: 'a.t.high', verdict: 'Accept', alternative: 3 },
    'NotReviewable',
    '2 alt',
  ],
  ['an empty text', { asset: 'a.t.high', verdict: 'Accept', text: ' \n' }, 'NotReviewable', 'empty'],
  ['a huge text', { asset: 'a.t.high', verdict: 'Accept', text: 'ü'.repeat(8193) }, 'NotReviewable', '16 KiB'],
  ['a placeholder', { asset: 'a.t.noted', verdict: 'Accept', alternative: 2 }, 'NotReviewable', 'placeholder'],
  ['an asset named twice', { asset: 'a.t.low', verdict: 'Reject' }, 'NotReviewable', 'twice'],
])('%s refuses the whole decision and names it', async (_, item, reason, word) => {
  const stores = await openStores()
  const run = await mixedRun(stores)
  const before = await statesOf(stores, run)
  const items = [{ asset: 'a.t.low', verdict: 'Accept' as const }, item]
  const result = await decide(stores, run, { items })
  expect(result).toMatchObject({ kind: 'Refused', reason, error: { message: expect.stringContaining(word) } })
  expect(await statesOf(stores, run)).toEqual(before)
  expect(await queueOf(stores)).toEqual([])
})

test('a decision recorded twice gives the first answer, also when that was a refusal', async () => {
  const stores = await openStores()
  const run = await mixedRun(stores)
  const first = { uid: 'one', items: [{ asset: 'a.t.high', verdict: 'Accept' as const }] }
  const recorded = await decide(stores, run, first)
  expect(recorded).toMatchObject({ kind: 'Recorded', counts: { accepted: 1 } })
  expect(await decide(stores, run, first)).toEqual(recorded)
  const refused = await decide(stores, run, { uid: 'two', items: [{ asset: 'a.t.nope', verdict: 'Skip' }] })
  expect(await decide(stores, run, { uid: 'two', items: [{ asset: 'a.t.low', verdict: 'Skip' }] })).toEqual(refused)
  expect(await queueOf(stores)).toHaveLength(1)
})

test('the same decision recorded by several at once counts once', async () => {
  const stores = await openStores()
  const run = await mixedRun(stores)
  const decision = { uid: 'one', items: [{ asset: 'a.t.high', verdict: 'Accept' as const }] }
  const results = await Promise.all(Array.from({ length: 6 }, () => decide(stores, run, decision)))
  expect(results).toEqual(results.map(() => results[0]))
  expect(await stores.query('select uid from amx.decisions')).toHaveLength(1)
})

test('own text makes a refused row and a placeholder acceptable, and NUL never reaches the store', async () => {
  const stores = await openStores()
  const run = await mixedRun(stores)
  const result = await decide(stores, run, {
    items: [
      { asset: 'a.t.refused', verdict: 'Accept', text: 'Said by a person\u0000' },
      { asset: 'a.t.fallback', verdict: 'Accept', text: 'Said as well' },
    ],
  })
  expect(result).toMatchObject({ kind: 'Recorded', counts: { accepted: 2 } })
  expect((await queueOf(stores)).map(({ text }) => text).sort()).toEqual(['Said as well', 'Said by a person'])
})

test('an asset the run has no row of is refused, with the names that read much like it', async () => {
  const stores = await openStores()
  const run = await mixedRun(stores)
  const result = await decide(stores, run, { items: [{ asset: 'a.t.hihg', verdict: 'Accept' }] })
  const message = 'a.t.hihg does not exist among the results of this run; did you mean a.t.high?'
  expect(result).toMatchObject({ kind: 'Refused', error: { code: 'AMX-1006', message } })
})

test('skip leaves a row reviewable, reject takes it out of the queue, restore undoes', async () => {
  const stores = await openStores()
  const run = await mixedRun(stores)
  const counts = async () => (await stores.operator.observeRun(run.uid))?.summary.review
  const one = (verdict: DecisionItem['verdict']) => decide(stores, run, { items: [{ asset: 'a.t.high', verdict }] })
  await one('Skip')
  expect(await counts()).toEqual({ unreviewed: 3, accepted: 0, skipped: 1, rejected: 0, queued: 0 })
  await one('Accept')
  expect(await counts()).toEqual({ unreviewed: 3, accepted: 1, skipped: 0, rejected: 0, queued: 1 })
  await one('Reject')
  expect(await counts()).toEqual({ unreviewed: 3, accepted: 0, skipped: 0, rejected: 1, queued: 0 })
  expect(await one('Restore')).toMatchObject({ counts: { restored: 1 } })
  expect(await counts()).toEqual({ unreviewed: 4, accepted: 0, skipped: 0, rejected: 0, queued: 0 })
  const { rows } = await stores.server.listResults(run.uid, { limit: 10, search: 'high' })
  expect(rows[0]).toMatchObject({ state: 'Unreviewed', chosenText: null, chosenAlternative: null, decidedBy: null })
})

test('a filter decides the whole draft and leaves placeholders and decided rows alone', async () => {
  const stores = await openStores()
  const run = await mixedRun(stores)
  await decide(stores, run, { items: [{ asset: 'a.t.noted', verdict: 'Reject' }] })
  const high = await decide(stores, run, { filter: { verdict: 'Accept', minimumConfidence: 'High' } })
  expect(high).toMatchObject({ counts: { accepted: 2 } })
  const rest = await decide(stores, run, { filter: { verdict: 'Accept', tables: ['a.t'], kinds: ['Column'] } })
  expect(rest).toMatchObject({ counts: { accepted: 1 } })
  expect(await statesOf(stores, run)).toEqual({
    'a.t': 'Accepted',
    'a.t.fallback': 'Unreviewed',
    'a.t.high': 'Accepted',
    'a.t.low': 'Accepted',
    'a.t.noted': 'Rejected',
    'a.t.refused': 'Unreviewed',
  })
  expect(await decide(stores, run, { filter: { verdict: 'Accept', tables: ['a.other'] } })).toMatchObject({
    counts: { accepted: 0 },
  })
  expect(await decide(stores, run, { filter: { verdict: 'Restore' } })).toMatchObject({ counts: { restored: 4 } })
  expect(await queueOf(stores)).toEqual([])
})

test('a filter over more rows than one statement decides each once, also where two databases have a path', async () => {
  const stores = await openStores()
  const run = await draftedRun(stores, [tableOf('a.t', ['id'])])
  await stores.query(
    `with made as (
       insert into amx.assets (run_uid, table_id, target_index, database_key, table_path, path, kind, column_name, ordinal, planned,
         status, review_state, band, score, top_fallback)
       select a.run_uid, a.table_id, target, 'database-' || target, a.table_path, 'a.t.c' || n, a.kind, 'c' || n, n, true,
         'Drafted', 'Unreviewed', 'High', 0.9, false
       from amx.assets a, generate_series(1, 3000) as n, generate_series(0, 1) as target where a.path = 'a.t.id' returning id
     )
     insert into amx.drafts (asset_id, alternatives, citations, warnings, evidence, call_ids)
     select id, '[{"text": "What it holds."}]', '[]', '[]', '', '[]' from made`,
  )
  const all = 6_002
  expect(await decide(stores, run, { filter: { verdict: 'Accept' } })).toMatchObject({
    kind: 'Recorded',
    counts: { accepted: all, superseded: 0 },
  })
  expect(
    await stores.query(
      `select count(*)::integer as queued, count(distinct asset_id)::integer as assets from amx.queue`,
    ),
  ).toEqual([{ queued: all, assets: all }])
  expect(await decide(stores, run, { filter: { verdict: 'Restore' } })).toMatchObject({ counts: { restored: all } })
  expect(await queueOf(stores)).toEqual([])
})

test('the newest accepted text takes the place of an older one, which says by what', async () => {
  const stores = await openStores()
  const [older, newer] = [await mixedRun(stores, 'older'), await mixedRun(stores, 'newer')]
  await decide(stores, older, {
    items: [
      { asset: 'a.t.high', verdict: 'Accept' },
      { asset: 'a.t.low', verdict: 'Accept' },
    ],
  })
  const result = await decide(stores, newer, {
    items: [{ asset: 'a.t.high', verdict: 'Accept', alternative: 2 }],
    reviewer: 'grace',
  })
  expect(result).toMatchObject({ counts: { accepted: 1, superseded: 1 } })
  expect((await queueOf(stores)).map(({ path, run, decidedBy }) => [path, run.name, decidedBy])).toEqual([
    ['a.t.high', 'newer', 'grace'],
    ['a.t.low', 'older', 'ada'],
  ])
  const superseded = await stores.query(
    `select newer.run_uid from amx.assets older join amx.assets newer on newer.id = older.superseded_by
     where older.run_uid = $1`,
    [older.uid],
  )
  expect(superseded).toEqual([{ run_uid: newer.uid }])
  expect((await stores.server.listQueue({ namespace: 'team', limit: 10, runUid: older.uid })).rows).toHaveLength(1)
  expect((await stores.server.listQueue({ namespace: 'other-team', limit: 10 })).rows).toEqual([])
})

test('teams do not take the place of each other in the queue', async () => {
  const stores = await openStores()
  const ours = await mixedRun(stores)
  const theirs = await draftedRun(stores, [mixedTable], { rowsOf: mixedRows, namespace: 'other-team' })
  await decide(stores, ours, { items: [{ asset: 'a.t.high', verdict: 'Accept' }] })
  const result = await decide(stores, theirs, { items: [{ asset: 'a.t.high', verdict: 'Accept' }] })
  expect(result).toMatchObject({ counts: { superseded: 0 } })
  expect(await queueOf(stores)).toMatchObject([{ run: { uid: ours.uid } }])
})

test('a path that two databases of a run have is not decided by guessing', async () => {
  const stores = await openStores()
  const run = await draftedRun(stores, [tableOf('a.b', ['c'])], { targets: 2 })
  const result = await decide(stores, run, { items: [{ asset: 'a.b.c', verdict: 'Accept' }] })
  expect(result).toMatchObject({ kind: 'Refused', error: { message: expect.stringContaining('2 databases') } })
  expect(await decide(stores, run, { filter: { verdict: 'Accept' } })).toMatchObject({ counts: { accepted: 4 } })
})

test.each([
  ['High', 'Keep', ['a.t', 'a.t.high']],
  ['High', 'Replace', ['a.t', 'a.t.high', 'a.t.noted']],
  ['All', 'Keep', ['a.t', 'a.t.high', 'a.t.low']],
  ['All', 'Replace', ['a.t', 'a.t.high', 'a.t.low', 'a.t.noted']],
] as const)('policy %s with existing comments %s accepts what it says, once', async (accept, existing, accepted) => {
  const stores = await openStores()
  const settings = settingsOf({ review: { strategy: 'Auto', accept }, apply: { existing } })
  const run = await draftedRun(stores, [mixedTable], { rowsOf: mixedRows, settings })
  const counts = await stores.operator.acceptByPolicy(run.uid)
  expect(counts.accepted).toBe(accepted.length)
  expect((await queueOf(stores)).map(({ path }) => path).sort()).toEqual(accepted)
  expect((await queueOf(stores))[0]?.decidedBy).toBe(`policy:Auto/${accept}`)
  expect(await stores.operator.acceptByPolicy(run.uid)).toEqual(counts)
  expect((await stores.operator.observeRun(run.uid))?.summary.review.accepted).toBe(accepted.length)
})

test('without an automatic strategy the policy accepts nothing', async () => {
  const stores = await openStores()
  const run = await mixedRun(stores)
  expect(await stores.operator.acceptByPolicy(run.uid)).toMatchObject({ accepted: 0 })
  expect(await queueOf(stores)).toEqual([])
})

test('equal drafts have equal digests, and any text changes it', async () => {
  const stores = await openStores()
  const first = await mixedRun(stores)
  const second = await mixedRun(stores)
  expect(second.digest).toBe(first.digest)
  const third = await draftedRun(stores, [mixedTable], {
    rowsOf: (unit) =>
      mixedRows(unit).map((row) =>
        row.path === 'a.t.low'
          ? draftOf(row.path, { alternatives: [{ text: 'Else', score: 1, fallback: false }] })
          : row,
      ),
  })
  expect(third.digest).not.toBe(first.digest)
})

test('a run that finished is not paid for again under another uid', async () => {
  const stores = await openStores()
  const first = await mixedRun(stores, 'nightly')
  const settings = settingsOf()
  const again = {
    uid: 'second',
    namespace: 'team',
    name: 'nightly',
    type: 'Analyze',
    specDigest: 'sha256:spec',
    settings,
    scopeText: '',
    origin: null,
  }
  const [row] = await stores.query<{ settings_digest: string }>('select settings_digest from amx.runs')
  const request = { ...again, settingsDigest: row?.settings_digest ?? '' }
  await stores.operator.setPhase(first.uid, 'Succeeded', true)
  expect(await stores.operator.beginRun({ ...request, specDigest: 'sha256:other', uid: 'other' })).toEqual({
    kind: 'Began',
  })
  expect(await stores.operator.beginRun(request)).toMatchObject({
    kind: 'AlreadyCompleted',
    summary: { uid: first.uid, phase: 'Succeeded' },
  })
  expect(await stores.operator.observeRun('second')).toBeNull()
})

/** Two tables that share a column by name and type, one more of that name and another type, and a row nobody could draft. */
const sharedRun = (stores: Stores) =>
  draftedRun(
    stores,
    [tableOf('a.t', ['id', 'note']), tableOf('a.u', ['id']), tableOf('a.v', ['id'], { dataType: 'uuid' })],
    {
      rowsOf: (unit) =>
        draftsOf(unit).map((row) =>
          row.path === 'a.u.id'
            ? { ...row, band: null, score: null, alternatives: [], skippedReason: 'the model refused' }
            : row.path === 'a.t.note'
              ? { ...row, band: 'Low' as const, score: 0.2, source: 'documents' as const }
              : row,
        ),
    },
  )

test('one text is accepted for every column of one name and type, drafted or not', async () => {
  const stores = await openStores()
  const run = await sharedRun(stores)
  const filter = { verdict: 'Accept', columnName: 'id', dataType: 'text', text: 'Key of the row.' } as const
  expect(await decide(stores, run, { filter })).toMatchObject({ counts: { accepted: 2 } })
  expect((await queueOf(stores)).map(({ path, text }) => [path, text]).sort()).toEqual([
    ['a.t.id', 'Key of the row.'],
    ['a.u.id', 'Key of the row.'],
  ])
  expect(await decide(stores, run, { filter: { ...filter, text: ' ' } })).toMatchObject({
    kind: 'Refused',
    reason: 'NotReviewable',
    error: { message: expect.stringContaining('"id"') },
  })
})

test.each<[string, Omit<DecisionFilter, 'verdict'>, readonly string[]]>([
  ['of Low and below', { maximumConfidence: 'Low' }, ['a.t.note']],
  ['of Medium and above', { minimumConfidence: 'Medium', kinds: ['Column'] }, ['a.t.id', 'a.v.id']],
  ['of a source', { sources: ['documents'] }, ['a.t.note']],
  ['of a column name', { columnName: 'id' }, ['a.t.id', 'a.v.id']],
  ['of a data type', { columnName: 'id', dataType: 'uuid' }, ['a.v.id']],
  ['of a state', { states: ['Skipped'] }, []],
])('a filter takes rows %s', async (_, filter, paths) => {
  const stores = await openStores()
  const run = await sharedRun(stores)
  const result = await decide(stores, run, { filter: { ...filter, verdict: 'Accept' } })
  expect(result).toMatchObject({ counts: { accepted: paths.length } })
  expect((await queueOf(stores)).map(({ path }) => path).sort()).toEqual(paths)
})

test('states lets a filter change what was decided, and take back only a part of it', async () => {
  const stores = await openStores()
  const run = await sharedRun(stores)
  await decide(stores, run, {
    items: [
      { asset: 'a.t.id', verdict: 'Accept' },
      { asset: 'a.t.note', verdict: 'Reject' },
    ],
  })
  const restored = await decide(stores, run, { filter: { verdict: 'Restore', states: ['Rejected'] } })
  expect(restored).toMatchObject({ counts: { restored: 1 } })
  await decide(stores, run, { filter: { verdict: 'Reject', states: ['Accepted'] } })
  expect(await statesOf(stores, run)).toMatchObject({ 'a.t.id': 'Rejected', 'a.t.note': 'Unreviewed' })
})
