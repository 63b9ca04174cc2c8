import {
  type ResultFacet,
  type ResultFilter,
  type ResultRow,
  type ResultSort,
  resultSorts,
  type SortOrder,
  sortOrders,
} from '@amx/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DraftedRun, draftedRun, draftsOf, tableOf } from '../testing/run-fixture.ts'
import { openSharedStores } from '../testing/store-fixture.ts'
import type { ListResultsQuery } from './list-results.ts'

const bands = ['High', 'Medium', 'Low', null] as const
const sources = ['profile', 'documents', 'code'] as const
const citation = { source: 'handbook', path: 'orders.md', startLine: 3, endLine: 4, snippet: 'It is paid.' }

let stores: Awaited<ReturnType<typeof openSharedStores>>
let run: DraftedRun
let all: readonly ResultRow[]
/** Columns by their data type, which rows do not tell. */
const typeOf = (path: string) => (path.endsWith('.id') ? 'bigint' : 'text')

/** 4 tables in 2 schemas of which one has a dot in its name; every row differs in something, and 1 has no text. */
async function variedRun(): Promise<DraftedRun> {
  const columns = ['id', 'name', 'e_mail', 'note']
  const tables = ['sales.customer', 'sales.order', '"Sales.v2".customer', 'salesx.t'].map((path) => {
    const table = tableOf(path, columns, { comments: { id: `Key of ${path}`, note: '100%' } })
    const typed = table.catalog.columns.map((column) => ({ ...column, type: column.name === 'id' ? 'bigint' : 'text' }))
    return { ...table, catalog: { ...table.catalog, columns: typed } }
  })
  let count = 0
  return draftedRun(stores, tables, {
    rowsOf: (unit) =>
      draftsOf(unit).map((row) => {
        count += 1
        const band = bands[count % 4] ?? null
        return {
          ...row,
          band,
          score: band === null ? null : ((count * 37) % 10) / 10,
          source: sources[count % 3] ?? 'profile',
          citations: count % 3 === 0 ? [citation] : [],
          warnings: count % 5 === 0 ? ['short'] : [],
          alternatives: count === 7 ? [] : row.alternatives.slice(0, 1 + (count % 2)),
          ...(count % 4 === 1 ? { tokenProbability: (count % 7) / 10 } : {}),
        }
      }),
  })
}

beforeAll(async () => {
  stores = await openSharedStores()
  run = await variedRun()
  const decide = (assets: readonly string[], verdict: 'Accept' | 'Reject', text?: string) =>
    stores.operator.recordDecision({
      uid: `${verdict}-${assets[0]}`,
      name: `d-${verdict.toLowerCase()}`,
      runUid: run.uid,
      draftDigest: run.digest,
      reviewer: 'ada',
      comment: 'as agreed',
      items: assets.map((asset) => ({ asset, verdict, ...(text === undefined ? {} : { text }) })),
    })
  expect((await decide(['sales.customer.id'], 'Accept', 'Number of the CUSTOMER card.')).kind).toBe('Recorded')
  expect((await decide(['sales.order.name', 'salesx.t.name'], 'Reject')).kind).toBe('Recorded')
  all = await allRows({})
  expect(all).toHaveLength(20)
})

afterAll(() => stores.close())

async function allRows(query: Partial<ListResultsQuery>, betweenPages = async () => {}): Promise<ResultRow[]> {
  const rows: ResultRow[] = []
  let after: string | undefined
  for (;;) {
    const page = await stores.server.listResults(run.uid, {
      limit: 3,
      ...query,
      ...(after === undefined ? {} : { after }),
    })
    rows.push(...page.rows)
    if (page.next === null) {
      expect(page.total).toBe(rows.length)
      return rows
    }
    after = page.next
    await betweenPages()
  }
}

const statusOf = (row: ResultRow) => (row.skippedReason === null ? 'Drafted' : 'Skipped')
const tablePath = (path: string) =>
  path.endsWith('customer') || /^[^.]+\.[^.]+$/.test(path) ? path : path.replace(/\.[^.]+$/, '')
const schemaPath = (path: string) => (path.startsWith('"Sales.v2"') ? '"Sales.v2"' : path.replace(/\..*$/, ''))
const nameOf = (row: ResultRow) => (row.kind === 'Column' ? row.path.replace(/^.*\./, '') : null)

/** What a filter means, said once more and without SQL. */
function matches(filter: ResultFilter, row: ResultRow): boolean {
  const among = <Value>(asked: readonly Value[] | undefined, value: Value) =>
    asked === undefined || asked.includes(value)
  const is = (asked: boolean | undefined, value: boolean) => asked === undefined || asked === value
  const texts = [row.path, ...row.alternatives.map(({ text }) => text), row.existingComment ?? '', row.chosenText ?? '']
  const glob = filter.path?.replaceAll(/[.%"]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')
  return (
    among(filter.status, statusOf(row)) &&
    among(filter.state, row.state) &&
    among(filter.band, row.band ?? 'None') &&
    among(filter.kind, row.kind) &&
    among(filter.source, row.source) &&
    among(filter.applyOutcome, row.applyOutcome ?? 'None') &&
    among(filter.schema, schemaPath(row.path)) &&
    among(filter.table, tablePath(row.path)) &&
    among(filter.columnName, nameOf(row) ?? '') &&
    among(filter.dataType, row.kind === 'Column' ? typeOf(row.path) : '') &&
    among(filter.target, row.databaseProfile ?? '') &&
    among(filter.version, row.version ?? 1) &&
    is(filter.hasCitations, row.citations.length > 0) &&
    is(filter.hasComment, row.existingComment !== null) &&
    is(filter.hasWarnings, row.warnings.length > 0) &&
    (filter.minimumScore === undefined || (row.score !== null && row.score >= filter.minimumScore)) &&
    (filter.maximumScore === undefined || (row.score !== null && row.score <= filter.maximumScore)) &&
    (filter.search === undefined ||
      texts.some((text) => text.toLowerCase().includes(filter.search?.toLowerCase() ?? ''))) &&
    (glob === undefined || new RegExp(`^${glob}$`, 'i').test(row.path))
  )
}

const filters: readonly ResultFilter[] = [
  {},
  { status: ['Skipped'] },
  { state: ['Accepted', 'Rejected'] },
  { band: ['Low', 'None'] },
  { kind: ['Table'] },
  { source: ['documents', 'code'], state: ['Unreviewed'] },
  { applyOutcome: ['None'] },
  { schema: ['sales'] },
  { schema: ['"Sales.v2"', 'salesx'] },
  { table: ['sales.order', 'salesx.t'] },
  { columnName: ['id'], dataType: ['bigint'] },
  { columnName: ['id'], dataType: ['text'] },
  { target: ['shop'] },
  { target: ['elsewhere'] },
  { version: [1] },
  { version: [2] },
  { minimumScore: 0.3, maximumScore: 0.7 },
  { hasCitations: true },
  { hasCitations: false, hasWarnings: true },
  { hasComment: true, band: ['High'] },
  { search: 'CUSTOMER card' },
  { search: 'second text' },
  { search: 'e_mail' },
  { search: '100%' },
  { search: '%' },
  { search: 'key of SALES.', state: ['Unreviewed'] },
  { path: 'sales.*' },
  { path: '*.E_MAIL' },
  { path: 'sales?.t' },
  { path: '"Sales.v2".*.id' },
  { search: 'nowhere' },
]

describe('filters', () => {
  test.each(filters)('%j', async (filter) => {
    const rows = await allRows(filter)
    expect(rows.map(({ path }) => path)).toEqual(all.filter((row) => matches(filter, row)).map(({ path }) => path))
  })

  test('a draft is found by its own text also after another one was written instead', async () => {
    expect((await allRows({ search: 'first text for sales.customer.id' })).map(({ path }) => path)).toEqual([
      'sales.customer.id',
    ])
  })
})

describe('facets', () => {
  const facetOf: Readonly<Record<ResultFacet, (row: ResultRow) => string | null>> = {
    status: statusOf,
    state: ({ state }) => state,
    band: ({ band }) => band ?? 'None',
    kind: ({ kind }) => kind,
    source: ({ source }) => source,
    applyOutcome: ({ applyOutcome }) => applyOutcome ?? 'None',
    hasCitations: ({ citations }) => String(citations.length > 0),
    hasComment: ({ existingComment }) => String(existingComment !== null),
    hasWarnings: ({ warnings }) => String(warnings.length > 0),
    schema: ({ path }) => schemaPath(path),
    table: ({ path }) => tablePath(path),
  }

  test.each(filters)('of %j say what each value would show', async (filter) => {
    const { total, facets } = await stores.server.listFacets(run.uid, filter)
    expect(total).toBe(all.filter((row) => matches(filter, row)).length)
    for (const [name, of] of Object.entries(facetOf) as [ResultFacet, (row: ResultRow) => string][]) {
      const rows = all.filter((row) => matches({ ...filter, [name]: undefined }, row))
      const expected = Object.fromEntries([...Map.groupBy(rows, of)].map(([value, members]) => [value, members.length]))
      const counted = Object.fromEntries(facets[name].map(({ value, rows: count }) => [value, count]))
      expect(counted, name).toEqual(expected)
    }
  })

  test('hold only what is asked for', async () => {
    const { facets } = await stores.server.listFacets(run.uid, { facet: ['band', 'table'], top: 2 })
    expect(facets.band.length).toBeGreaterThan(0)
    expect(facets.table).toHaveLength(2)
    expect([facets.state, facets.schema]).toEqual([[], []])
  })
})

describe('groups', () => {
  test.each(['schema', 'table', 'band', 'kind', 'name'] as const)('by %s open into their rows', async (by) => {
    for (const filter of [{}, { hasComment: false }, { search: 'sales' }]) {
      const groups = []
      let after: string | undefined
      do {
        const page = await stores.server.listGroups(run.uid, {
          ...filter,
          by,
          limit: 2,
          ...(after === undefined ? {} : { after }),
        })
        groups.push(...page.groups)
        after = page.next ?? undefined
      } while (after !== undefined)
      expect(new Set(groups.map(({ filter: own }) => JSON.stringify(own))).size).toBe(groups.length)
      for (const { filter: own, rows, rejected, meanScore, texts } of groups) {
        const lists = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, [value]]))
        const members = await allRows({ ...filter, ...lists })
        const scores = members.flatMap(({ score }) => (score === null ? [] : [score]))
        expect(rows).toBe(members.length)
        expect(rejected).toBe(members.filter(({ state }) => state === 'Rejected').length)
        if (scores.length === 0) expect(meanScore).toBeNull()
        else expect(meanScore).toBeCloseTo(scores.reduce((sum, score) => sum + score, 0) / scores.length, 9)
        const first = new Set(members.flatMap(({ alternatives }) => alternatives.slice(0, 1).map(({ text }) => text)))
        if (by === 'name') expect(texts).toBe(first.size)
      }
      const total = groups.reduce((sum, { rows }) => sum + rows, 0)
      expect(total).toBe((await allRows({ ...filter, ...(by === 'name' ? { kind: ['Column'] } : {}) })).length)
    }
  })
})

const lengthOf = (row: ResultRow) => row.chosenText?.length ?? row.alternatives[0]?.text.length ?? null
const keyOf: Readonly<Record<ResultSort, (row: ResultRow) => string | number | null>> = {
  path: ({ path }) => path,
  catalog: ({ path }) => tablePath(path),
  name: (row) => nameOf(row) ?? row.path,
  kind: ({ kind }) => kind,
  unreviewed: ({ state }) => (state === 'Unreviewed' ? 0 : 1),
  confidence: ({ score }) => score,
  tokenProbability: ({ tokenProbability }) => tokenProbability ?? null,
  alternatives: ({ alternatives }) => alternatives.length,
  length: lengthOf,
}

describe('sorts', () => {
  const each = resultSorts.flatMap((sort) => sortOrders.map((order): [ResultSort, SortOrder] => [sort, order]))

  test.each(each)('%s, %s, hold every row once and in order, those without a figure last', async (sort, order) => {
    const rows = await allRows({ sort, order })
    expect(new Set(rows.map(({ id }) => id)).size).toBe(all.length)
    const keys = rows.map(keyOf[sort])
    const figures = keys.filter((key) => key !== null)
    expect(keys.slice(0, figures.length)).toEqual(figures)
    const sorted = figures.toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0))
    expect(figures).toEqual(order === 'ascending' ? sorted : sorted.reverse())
  })

  test('a cursor of another order is refused', async () => {
    const { next } = await stores.server.listResults(run.uid, { limit: 1, sort: 'length' })
    const other = { limit: 1, sort: 'length', order: 'ascending', after: next ?? '' } as const
    await expect(stores.server.listResults(run.uid, other)).rejects.toMatchObject({ code: 'AMX-1014' })
  })
})

test('one row comes with its versions and what was decided about it, the newest first', async () => {
  const row = all.find(({ path }) => path === 'sales.customer.id')
  const detail = await stores.server.readResult(run.uid, row?.id ?? '')
  expect(detail).toMatchObject({
    row: { path: 'sales.customer.id', state: 'Accepted' },
    dataType: 'bigint',
    run: { name: run.name },
  })
  expect(detail?.versionList.map(({ version }) => version)).toEqual([1])
  expect(detail?.decisions).toMatchObject([
    {
      verdict: 'Accept',
      text: 'Number of the CUSTOMER card.',
      previousState: 'Unreviewed',
      decidedBy: 'ada',
      comment: 'as agreed',
    },
  ])
  expect(await stores.server.readResult(run.uid, '999999')).toBeNull()
  expect(await stores.server.readResult(run.uid, 'x')).toBeNull()
})

test.each(['unreviewed', 'length', 'confidence'] as const)(
  'rows that are decided between the pages of sort %s are neither lost nor seen twice',
  async (sort) => {
    const fresh = await variedRun()
    const seen: string[] = []
    let after: string | undefined
    do {
      const query = { limit: 3, sort, order: 'ascending' as const, ...(after === undefined ? {} : { after }) }
      const page = await stores.server.listResults(fresh.uid, query)
      seen.push(...page.rows.map(({ path }) => path))
      after = page.next ?? undefined
      const open = page.rows.filter(({ state, skippedReason }) => state === 'Unreviewed' && skippedReason === null)
      await stores.operator.recordDecision({
        uid: `${fresh.uid}-${seen.length}`,
        name: 'meanwhile',
        runUid: fresh.uid,
        draftDigest: fresh.digest,
        reviewer: 'ada',
        comment: '',
        items: open
          .slice(0, 2)
          .map(({ path }) => ({ asset: path, verdict: 'Accept', text: 'A text of another length than before.' })),
      })
    } while (after !== undefined)
    expect(seen.toSorted()).toEqual(all.map(({ path }) => path).toSorted())
  },
)
