import type { ScopedContainer, WorkUnit } from '@amx/api'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type OperatorRig, startOperatorRig } from '../testing/operator-rig.ts'

const tables = {
  'sales.customer': ['id', 'loyalty_points', 'tax_region'],
  'sales.invoice': ['id', 'loyalty_points', 'tax_region'],
  'hr.staff': ['tax_region'],
}
const containers: readonly ScopedContainer[] = [
  ['sales', ['sales.customer', 'sales.invoice']],
  ['hr', ['hr.staff']],
].map(([path, members]) => ({
  path: String(path),
  kind: 'Schema',
  comment: null,
  skipped: null,
  members: [...(members ?? [])].map((member) => ({ path: member, kind: 'Table', comment: null, tables: 0 })),
  memberCount: 2,
}))
const database: ScopedContainer = {
  path: '*',
  kind: 'Database',
  comment: null,
  skipped: null,
  members: ['hr', 'sales'].map((path) => ({ path, kind: 'Schema', comment: null, tables: 1 })),
  memberCount: 2,
}

let rig: OperatorRig
const units: WorkUnit[] = []

beforeAll(async () => {
  rig = await startOperatorRig({
    tables,
    containers: [...containers, database],
    textOf: (path) => `About number ${path.length}`,
    beforeUnit: (unit) => void units.push(unit),
  })
  await rig.createProfiles()
})

beforeEach(() => {
  units.length = 0
})

afterAll(() => rig?.close())

const target = { databaseProfileRef: { name: 'shop-db' } }

it('describes schemas and the database last, and counts their rows like any other', async () => {
  await rig.createRun('whole', { targets: [{ ...target, scope: { kinds: ['Table', 'Schema', 'Database'] } }] })
  const waiting = await rig.untilPhase('whole', 'AwaitingReview')
  const assets = 7 + 3 + 3
  expect(waiting.status).toMatchObject({
    progress: '3/3',
    columns: { planned: 7, drafted: 7 },
    confidence: { high: assets },
    review: { unreviewed: assets },
    draft: { rows: assets },
  })
  const drafting = units.filter(({ kind }) => kind === 'draft' || kind === 'settle')
  expect(drafting.at(-1)).toMatchObject({ kind: 'settle', brief: { path: '*', describedCount: 2 } })

  await rig.decide(waiting, { filter: { verdict: 'Accept', kinds: ['Schema', 'Database'] } })
  const decided = await rig.untilDecided('decision-whole')
  expect(decided.status).toMatchObject({ counts: { accepted: 3 } })
})

it('drafts one of each class of equal columns and says what that saved', async () => {
  await rig.createRun('copied', { targets: [target], generation: { deduplicate: true, columnBatchSize: 1 } })
  const waiting = await rig.untilPhase('copied', 'AwaitingReview')
  // loyalty_points is drafted once for two tables, tax_region once for three: each copy is a call of its own that is not made.
  expect(waiting.status).toMatchObject({
    progress: '3/3',
    columns: { planned: 7, drafted: 7 },
    deduplicated: { columns: 3, calls: 2 },
  })
  const asked = units.flatMap((unit) => (unit.kind === 'draft' ? unit.columns : []))
  expect(asked.filter((column) => column !== 'id').sort()).toEqual(['loyalty_points', 'tax_region'])
})

it('refuses a kind that is no asset of a scope before anything is done', async () => {
  const kinds = ['Column'] as unknown as ['Table']
  await expect(rig.createRun('columns', { targets: [{ ...target, scope: { kinds } }] })).rejects.toThrow(/kinds/)
})
