import type { MetadataScheduleSpec, MetadataScheduleStatus, RunTarget } from '@amx/api'
import { describe, expect, test } from 'vitest'
import { currentCheck } from './decide-changes.ts'
import { decideSchedule } from './decide-schedule.ts'
import { runNameAt } from './run-names.ts'
import { fixtureRunView, nowMs, observedSchedule } from './schedule-fixture.ts'
import type { CatalogChange, CatalogView, RunView, ScheduleObserved } from './schedule-observed.ts'
import { changesInScope, targetsOfChanges } from './scope-of-changes.ts'

const looked = { checkTime: '2026-11-21T09:49:00Z', position: 7 }
const added: CatalogChange = { target: 0, table: 'shop.plant', kind: 'Table', column: 'height', change: 'Added' }
const read = (...changes: CatalogChange[]): CatalogView => ({ kind: 'Read', position: 9, changes })

interface Given {
  readonly spec?: Partial<MetadataScheduleSpec>
  readonly status?: MetadataScheduleStatus
  /** The look that is due, as it stands; null while there is none. */
  readonly check?: Partial<RunView> | null
  readonly runs?: readonly RunView[]
  readonly catalog?: CatalogView
}

function given({ spec, status, check = {}, runs = [], catalog = read() }: Given): ScheduleObserved {
  const observed = observedSchedule(
    {
      spec: { onChange: { checkEvery: '10m', minimumInterval: '1h' }, ...spec },
      status: { catalog: looked, ...status },
    },
    { catalog, runs },
  )
  if (check === null) return observed
  const name = currentCheck(observed) ?? ''
  return {
    ...observed,
    runs: [...runs, fixtureRunView({ name, isCheck: true, createdAtMs: nowMs - 30_000, ...check })],
  }
}

/** What is done, and the position and look that are kept. */
interface Done {
  readonly does: readonly string[]
  readonly position: number | null | undefined
  readonly looked: boolean
  readonly error: string | undefined
  readonly events: readonly string[]
}

function done(observed: ScheduleObserved): Done {
  const { intents, firing, progress, error, events } = decideSchedule(observed)
  const check = currentCheck(observed)
  return {
    does: intents.map(({ kind, name }) => `${kind} ${name === check ? 'check' : name}`),
    position: firing?.position ?? progress.catalog?.position,
    looked: progress.catalog?.checkMs === nowMs,
    error: (error ?? progress.lastError)?.code,
    events: events.map(({ reason }) => reason),
  }
}

const nothing: Done = { does: [], position: 7, looked: false, error: undefined, events: [] }
const run = `CreateRun ${runNameAt('nightly', nowMs - 30_000)}`
const unread = { code: 'AMX-1087', message: 'no', remedy: '' } as const

describe('a schedule of changes', () => {
  test.each<[string, Given, Partial<Done>]>([
    ['looks when it is time', { check: null }, { does: ['CreateCheck check'] }],
    ['waits until it is', { check: null, status: { catalog: { ...looked, checkTime: '2026-11-21T09:55:00Z' } } }, {}],
    [
      'looks all the same after a clock that was years ahead',
      { check: null, status: { catalog: { ...looked, checkTime: '2031-01-01T00:00:00Z' } } },
      { does: ['CreateCheck check'] },
    ],
    [
      'fires all the same after such a clock',
      { status: { lastFireTime: '2031-01-01T00:00:00Z' }, catalog: read(added) },
      { does: [run], position: 9, looked: true },
    ],
    ['waits for the look', { check: { phase: 'Running' } }, {}],
    ['says what the look waits for', { check: { phase: 'Pending', trouble: 'no profile' } }, { error: 'AMX-1087' }],
    ['waits for a look that somebody deletes', { check: { deleting: true } }, {}],
    [
      'fires nothing at the first look',
      { status: { catalog: { checkTime: looked.checkTime } }, catalog: read(added) },
      { position: 9, looked: true },
    ],
    ['goes on when nothing changed', {}, { position: 9, looked: true }],
    ['fires for what was added', { catalog: read(added) }, { does: [run], position: 9, looked: true }],
    [
      'leaves changes that it is not told to act on',
      { spec: { onChange: { changes: ['Dropped'] } }, catalog: read(added) },
      { position: 9, looked: true },
    ],
    [
      'keeps changes for later when it fired lately',
      { status: { lastFireTime: '2026-11-21T09:30:00Z' }, catalog: read(added) },
      { looked: true },
    ],
    [
      'keeps changes for later when the run of the minute is there',
      { status: { lastRunRef: { name: runNameAt('nightly', nowMs - 30_000) } }, catalog: read(added) },
      { looked: true },
    ],
    [
      'keeps changes for later when a run goes on',
      { runs: [fixtureRunView({ phase: 'Running' })], catalog: read(added) },
      { looked: true, events: ['Skipped'] },
    ],
    [
      'cancels that run where it is replaced',
      {
        spec: { concurrencyPolicy: 'Replace' },
        runs: [fixtureRunView({ name: 'before', phase: 'Running' })],
        catalog: read(added),
      },
      { does: ['CancelRun before', run], position: 9, looked: true },
    ],
    [
      'says once that the catalog cannot be read, and looks again later',
      { catalog: { kind: 'Failed', error: unread } },
      { looked: true, error: 'AMX-1087', events: ['Failed'] },
    ],
    ['says no more of it when it can be read again', { status: { lastError: unread } }, { position: 9, looked: true }],
    [
      'waits for the store',
      { catalog: { kind: 'Unavailable', error: { code: 'AMX-9002', message: '', remedy: '' } } },
      { error: 'AMX-9002' },
    ],
    [
      'of nothing to look at says so',
      {
        check: null,
        spec: { runTemplate: { spec: { type: 'Rerun', source: { runRef: { name: 'first' } } } } },
      },
      { error: 'AMX-1086' },
    ],
    [
      'with a pattern that cannot be read says so',
      { spec: { runTemplate: template({ tablePattern: '(' }) }, catalog: read(added) },
      { error: 'AMX-1001' },
    ],
    ['that is paused leaves no look behind', { spec: { suspend: true }, check: {} }, { does: ['DeleteRun check'] }],
  ])('%s', (_, observed, expected) => {
    expect(done(given(observed))).toEqual({ ...nothing, ...expected })
  })

  test('that was edited forgets what it knew, and the look that began before', () => {
    const before = given({ check: { phase: 'Running' } })
    const edited = { ...before, timing: 'sha256:t2', changedAtMs: nowMs }
    const [look] = before.runs
    expect(done(edited)).toMatchObject({ does: ['CreateCheck check', `DeleteRun ${look?.name}`], position: undefined })
  })
})

function template(
  scope: RunTarget['scope'],
  type: 'Analyze' | 'Generate' = 'Analyze',
): MetadataScheduleSpec['runTemplate'] {
  return { spec: { type, targets: [{ databaseProfileRef: { name: 'pg' }, ...(scope && { scope }) }] } }
}

const change = (path: string, changes: Partial<CatalogChange> = {}): CatalogChange => {
  const [schema = '', table = '', column = null] = path.split('.')
  return { target: 0, table: `${schema}.${table}`, kind: 'Table', column, change: 'Added', ...changes }
}

test.each<[NonNullable<RunTarget['scope']>, CatalogChange, boolean]>([
  [{}, change('shop.plant'), true],
  [{}, change('shop.plant', { target: 1 }), false],
  [{ include: ['shop'] }, change('shop.plant.height'), true],
  [{ include: ['shop'] }, change('sales.order'), false],
  [{ include: ['shop', 'shop.plant'] }, change('shop.sale'), false],
  [{ include: ['shop.plant.height'] }, change('shop.plant.height'), true],
  [{ include: ['shop.plant.height'] }, change('shop.plant.name'), false],
  [{ include: ['shop.plant.height'] }, change('shop.plant', { change: 'Dropped' }), true],
  [{ exclude: ['shop.plant.height'] }, change('shop.plant.height'), false],
  [{ exclude: ['shop'] }, change('shop.plant'), false],
  [{ tablePattern: '^pl' }, change('shop.plant'), true],
  [{ tablePattern: '^stg_' }, change('shop.plant'), false],
  [{ kinds: ['View'] }, change('shop.plant'), false],
])('with the scope %j, %j counts: %s', (scope, one, counts) => {
  expect(changesInScope({ onChange: {}, runTemplate: template(scope) }, [one])).toEqual(counts ? [one] : [])
})

test.each<[string, RunTarget['scope'], CatalogChange[], readonly string[] | null]>([
  ['the tables that changed', undefined, [change('shop.plant.height'), change('shop.pot')], ['shop.plant', 'shop.pot']],
  ['what is included of them', { include: ['shop.plant.name'] }, [change('shop.plant')], ['shop.plant.name']],
  [
    'no table that is gone again',
    {},
    [change('shop.plant.a'), change('shop.plant', { change: 'Dropped' }), change('shop.pot')],
    ['shop.pot'],
  ],
  ['everything where something was only dropped', {}, [change('shop.plant', { change: 'Dropped' })], null],
  [
    'everything where too much changed to name it',
    {},
    Array.from({ length: 1_001 }, (_, n) => change(`shop.t${n}`)),
    null,
  ],
])('the run is of %s', (_, scope, changes, expected) => {
  const targets = targetsOfChanges({ runTemplate: template(scope) }, changes)
  expect(targets?.map((target) => target.scope?.include) ?? null).toEqual(expected === null ? null : [expected])
})

test('the run is as the template stands where that names its assets one by one', () => {
  expect(targetsOfChanges({ runTemplate: template({ include: ['shop.plant'] }, 'Generate') }, [added])).toBeNull()
})
