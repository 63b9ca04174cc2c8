import type { MetadataRun, MetadataSchedule } from '@amx/api'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { conditionOf, type OperatorRig, shopTables, startOperatorRig, waitFor } from '../testing/operator-rig.ts'
import { runNameAt } from './run-names.ts'

let rig: OperatorRig

const made: string[] = []
const plain = { tables: shopTables, score: 0.9 }
const hourMs = 3_600_000

beforeAll(async () => {
  rig = await startOperatorRig()
  await rig.createProfiles()
})

afterAll(() => rig?.close())

afterEach(async () => {
  rig.node.script = plain
  // Each test sets the clock, which would fire those of the others.
  for (const name of made.splice(0)) await rig.schedules.delete(`${rig.namespace}/${name}`)
})

/** Half an hour from now, so that no time comes by itself while the tests run. */
const minute = (new Date().getUTCMinutes() + 30) % 60

/** The next time of {@link hourly} by the operator's clock. */
function nextHour(): number {
  const offsetMs = minute * 60_000
  return Math.ceil((Date.now() + rig.skewMs + 1 - offsetMs) / hourMs) * hourMs + offsetMs
}

/** Sets the operator's clock, and has it look at a schedule. */
async function setClock(schedule: string, timeMs: number): Promise<void> {
  rig.skewMs = timeMs - Date.now()
  await rig.annotate(schedule, { 'test/looked': String(timeMs) })
}

async function create(name: string, spec: Partial<MetadataSchedule['spec']>): Promise<void> {
  rig.skewMs = 0
  made.push(name)
  await rig.createSchedule(name, spec)
}

/** A schedule of every hour that the operator has seen. */
async function hourly(name: string, spec: Partial<MetadataSchedule['spec']> = {}): Promise<MetadataSchedule> {
  await create(name, { cron: `${minute} * * * *`, ...spec })
  return rig.untilSchedule(name, ({ status }) => status?.nextFireTime !== undefined)
}

const namesOf = (runs: readonly MetadataRun[]) => runs.map(({ metadata }) => metadata.name)

describe('a schedule', () => {
  it('fires at its time, one run that outlives it, and says so', async () => {
    const made = await hourly('nightly', {
      runTemplate: template({ labels: { team: 'shop' }, annotations: { why: 'x' } }),
    })
    expect(conditionOf(made, 'Ready').message).toMatch(/^It fires next at /)
    const hour = nextHour()
    await setClock('nightly', hour + 1_000)
    const name = runNameAt('nightly', hour)
    const fired = await rig.untilSchedule('nightly', ({ status }) => status?.fired === 1)
    expect(fired.status).toMatchObject({ lastRunRef: { name }, nextFireTime: iso(hour + hourMs) })
    const run = await rig.untilPhase(name, 'AwaitingReview')
    expect(run.metadata).toMatchObject({
      labels: { team: 'shop', 'amx.dev/schedule': 'nightly', 'amx.dev/origin': 'schedule' },
      annotations: { why: 'x' },
    })
    expect(run.metadata.ownerReferences).toBeUndefined()
    // One that waits for review is no longer at work.
    const after = await rig.untilSchedule('nightly', ({ status }) => status?.phase === 'Pending')
    expect(after.status?.active).toBeUndefined()
    const events = await waitFor(
      () => rig.eventsOf(made),
      (notes) => notes.length > 0,
    )
    expect(events).toEqual([`Normal Fired: Run "${name}" was created for ${iso(hour)}.`])
    await rig.schedules.delete(`${rig.namespace}/nightly`)
    expect((await rig.run(name)).status?.phase).toBe('AwaitingReview')
  })

  it('misses what came long ago, and a person catches up or forgets', async () => {
    await hourly('away')
    const hour = nextHour()
    await setClock('away', hour + 2 * hourMs + 25 * 60_000)
    const late = await rig.untilSchedule('away', ({ status }) => status?.phase === 'Missed')
    expect(late.status?.missed).toEqual([iso(hour), iso(hour + hourMs), iso(hour + 2 * hourMs)])
    expect(namesOf(await rig.runsOf('away'))).toEqual([])

    await rig.annotate('away', { 'amx.dev/dismiss-missed': 'one' })
    const forgotten = await rig.untilSchedule('away', ({ status }) => status?.lastHandledDismissal === 'one')
    expect(forgotten.status).not.toHaveProperty('missed')

    await rig.annotate('away', { 'amx.dev/run-now': 'two' })
    const asked = await rig.untilSchedule('away', ({ status }) => status?.lastHandledRequest === 'two')
    expect(namesOf(await rig.runsOf('away'))).toEqual([asked.status?.lastRunRef?.name])
  })

  it('fires nothing of a pause, and of an edit, that it learns of afterwards', async () => {
    await hourly('edited')
    const key = `${rig.namespace}/edited`
    await rig.schedules.patch(key, { spec: { suspend: true } })
    const paused = await rig.untilSchedule('edited', ({ status }) => status?.phase === 'Paused')
    expect(paused.status?.nextFireTime).toBeUndefined()
    const atMidnight = new Date(Date.now() - 5 * 60_000).toISOString().slice(11, 16)
    const [hour, minute] = atMidnight.split(':')
    // A time of five minutes ago: within the deadline, and before the edit.
    await rig.schedules.patch(key, { spec: { suspend: false, cron: `${Number(minute)} ${Number(hour)} * * *` } })
    const resumed = await rig.untilSchedule('edited', ({ status }) => status?.phase === 'Pending')
    expect(resumed.status?.fired).toBeUndefined()
    expect(namesOf(await rig.runsOf('edited'))).toEqual([])
  })

  it('says why a run could not be created, and goes on with the next time', async () => {
    await hourly('refused', { runTemplate: template({ labels: { team: 'not a value!' } }) })
    const hour = nextHour()
    await setClock('refused', hour + 1_000)
    const refused = await rig.untilSchedule('refused', ({ status }) => status?.lastError !== undefined)
    expect(refused.status).toMatchObject({ phase: 'Pending', nextFireTime: iso(hour + hourMs) })
    expect(conditionOf(refused, 'Ready')).toMatchObject({ status: 'False', reason: 'RunRefused' })
    expect(conditionOf(refused, 'Ready').message).toContain('not a value!')

    await rig.schedules.patch(`${rig.namespace}/refused`, { spec: { runTemplate: { metadata: null } } })
    await setClock('refused', hour + hourMs + 1_000)
    const fired = await rig.untilSchedule('refused', ({ status }) => status?.fired === 1)
    expect(fired.status?.lastError).toBeUndefined()
  })

  it('leaves a run of its name that is not its own, and says whose name it is', async () => {
    await hourly('taken')
    const hour = nextHour()
    await rig.createRun(runNameAt('taken', hour))
    await setClock('taken', hour + 1_000)
    const taken = await rig.untilSchedule('taken', ({ status }) => status?.lastError !== undefined)
    expect(taken.status?.lastError?.code).toBe('AMX-1085')
  })

  it('cancels the run that goes on where it is to be replaced', async () => {
    const hold = Promise.withResolvers<void>()
    rig.node.script = { ...plain, beforeUnit: () => hold.promise }
    await hourly('replacing', { concurrencyPolicy: 'Replace' })
    const hour = nextHour()
    await setClock('replacing', hour + 1_000)
    await rig.untilSchedule('replacing', ({ status }) => status?.fired === 1)
    await rig.untilPhase(runNameAt('replacing', hour), 'Running')
    await setClock('replacing', hour + hourMs + 1_000)
    await rig.untilSchedule('replacing', ({ status }) => status?.fired === 2)
    hold.resolve()
    await rig.untilPhase(runNameAt('replacing', hour), 'Cancelled')
    await rig.untilPhase(runNameAt('replacing', hour + hourMs), 'AwaitingReview')
  })

  it('keeps as many ended runs as it is told to', async () => {
    await hourly('short', { historyLimits: { successful: 1, failed: 0 }, runTemplate: template({}, 'Refresh') })
    const hour = nextHour()
    for (const later of [0, 1, 2]) {
      await setClock('short', hour + later * hourMs + 1_000)
      await rig.untilSchedule('short', ({ status }) => status?.fired === later + 1)
      await rig.untilSchedule('short', ({ status }) => status?.phase === 'Pending')
    }
    await waitFor(
      async () => namesOf(await rig.runsOf('short')),
      (names) => names.length === 1 && names[0] === runNameAt('short', hour + 2 * hourMs),
    )
  })
})

describe('a schedule of changes', () => {
  it('looks at the catalog, fires for what was added, and leaves no looks behind', async () => {
    const onChange = { checkEvery: '10m', minimumInterval: '1h' }
    await create('watching', { onChange })
    const first = await rig.untilSchedule('watching', ({ status }) => status?.catalog?.position !== undefined)
    expect(first.status?.fired).toBeUndefined()

    rig.node.script = { ...plain, tables: { ...shopTables, 'shop.plant': ['id', 'name', 'price', 'height'] } }
    await setClock('watching', Date.now() + 11 * 60_000)
    const fired = await rig.untilSchedule('watching', ({ status }) => status?.fired === 1)
    const run = await rig.run(fired.status?.lastRunRef?.name ?? '')
    expect(run.spec.targets).toEqual([{ databaseProfileRef: { name: 'shop-db' }, scope: { include: ['shop.plant'] } }])
    await rig.untilSchedule('watching', ({ status }) => status?.phase === 'Pending')
    await waitFor(
      async () => namesOf(await rig.runsOf('watching')),
      (names) => names.length === 1,
    )
    // What a look listed is not kept either.
    const { runs } = await rig.serverStore.listRuns({ namespace: rig.namespace, limit: 100 })
    expect(runs.filter(({ name }) => name.startsWith('watching-check'))).toEqual([])
  })

  it('says what a look waits for, and goes on when that is there', async () => {
    const { spec } = template({})
    const targets = [{ databaseProfileRef: { name: 'later' } }]
    await create('blind', { onChange: {}, runTemplate: { spec: { ...spec, targets } } })
    const blind = await rig.untilSchedule('blind', ({ status }) => status?.lastError !== undefined)
    expect(blind.status?.lastError).toMatchObject({ code: 'AMX-1087', message: expect.stringContaining('"later"') })
    expect(conditionOf(blind, 'Stalled').status).toBe('False')
    const { metadata: _, ...profile } = await rig.databaseProfiles.get(`${rig.namespace}/shop-db`)
    await rig.databaseProfiles.create({ ...profile, metadata: { name: 'later', namespace: rig.namespace } } as never)
    const seen = await rig.untilSchedule('blind', ({ status }) => status?.catalog?.position !== undefined)
    expect(seen.status?.lastError).toBeUndefined()
  })
})

const creates: Death = ({ method, path }) => method === 'POST' && path.endsWith('/metadataruns')
const saysSo: Death = ({ path }) => path.includes('/metadataschedules/') && path.endsWith('/status')
const removes: Death = ({ method, path }) => method === 'DELETE' && path.includes('/metadataruns/')

describe('an operator that dies', () => {
  it.each([
    ['once the run is created', 'crash-created', creates],
    ['once the status is written', 'crash-written', saysSo],
  ])('%s is followed by one that neither fires again nor forgets', async (_, name, death) => {
    await hourly(name)
    const hour = nextHour()
    const dead = rig.dieAfter(death)
    await setClock(name, hour + 1_000)
    await dead
    // The next comes long after the deadline of the time that this one had fired.
    rig.skewMs += 30 * 60_000
    await rig.restartOperator()
    const fired = await rig.untilSchedule(
      name,
      ({ status }) => status?.fired !== undefined && status.phase === 'Pending',
    )
    expect(fired.status).toMatchObject({ fired: 1, lastRunRef: { name: runNameAt(name, hour) } })
    expect(fired.status?.missed).toBeUndefined()
    expect(namesOf(await rig.runsOf(name))).toEqual([runNameAt(name, hour)])
  })

  it('with a request acted on leaves one that does not act on it again', async () => {
    await hourly('asked')
    const dead = rig.dieAfter(creates)
    await rig.annotate('asked', { 'amx.dev/run-now': 'token' })
    await dead
    await rig.restartOperator()
    const done = await rig.untilSchedule('asked', ({ status }) => status?.lastHandledRequest === 'token')
    await rig.untilPhase(done.status?.lastRunRef?.name ?? '', 'AwaitingReview')
    expect(done.status?.fired).toBe(1)
    expect(namesOf(await rig.runsOf('asked'))).toEqual([done.status?.lastRunRef?.name])
  })

  it.each([
    ['once the look is created', 'look-made', creates],
    ['once the run of what it found is created', 'run-made', afterOne(creates)],
    ['once the status is written', 'look-written', saysSo],
    ['once the look is deleted', 'look-gone', removes],
  ])('%s is followed by one that fires for a change once', async (_, name, death) => {
    await create(name, { onChange: {} })
    await rig.untilSchedule(name, ({ status }) => status?.catalog?.position !== undefined)
    await noneOf(name)
    rig.node.script = { ...plain, tables: { ...shopTables, [`shop.${name}`]: ['id'] } }
    const dead = rig.dieAfter(death)
    await setClock(name, Date.now() + 11 * 60_000)
    await dead
    await rig.restartOperator()
    const fired = await rig.untilSchedule(
      name,
      ({ status }) => status?.fired !== undefined && status.phase === 'Pending',
    )
    expect(fired.status?.fired).toBe(1)
    await waitFor(
      async () => namesOf(await rig.runsOf(name)),
      (names) => names.length === 1 && names[0] === fired.status?.lastRunRef?.name,
    )
  })
})

type Death = Parameters<OperatorRig['dieAfter']>[0]

function afterOne(matches: Death): Death {
  let seen = 0
  return (write) => {
    if (!matches(write)) return false
    seen += 1
    return seen > 1
  }
}

/** Waits until a schedule has no run left, looks included. */
async function noneOf(name: string): Promise<void> {
  await waitFor(
    async () => namesOf(await rig.runsOf(name)),
    (names) => names.length === 0,
  )
}

function template(
  metadata: NonNullable<MetadataSchedule['spec']['runTemplate']['metadata']>,
  type: 'Analyze' | 'Refresh' = 'Analyze',
): MetadataSchedule['spec']['runTemplate'] {
  const targets = [{ databaseProfileRef: { name: 'shop-db' } }]
  return { metadata, spec: { type, targets, ...(type === 'Analyze' && { llmProfileRef: { name: 'model' } }) } }
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('.000Z', 'Z')
}
