import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  conditionOf,
  type OperatorRig,
  shopAssets,
  shopTables,
  startOperatorRig,
  waitFor,
} from '../testing/operator-rig.ts'

let rig: OperatorRig

const plain = { tables: shopTables, score: 0.9 }
const auto = { review: { strategy: 'Auto', accept: 'All' }, apply: { policy: 'OnAccept' } } as const

beforeAll(async () => {
  rig = await startOperatorRig()
  await rig.createProfiles()
})

afterAll(() => rig?.close())

afterEach(() => {
  rig.node.script = plain
})

describe('an operator that dies', () => {
  it.each(['scope', 'profile', 'draft', 'apply'] as const)(
    'while a %s unit is worked on is followed by one that goes on from there',
    async (kind) => {
      const hold = Promise.withResolvers<void>()
      const reached = Promise.withResolvers<void>()
      const seen = new Map<string, number>()
      rig.node.script = {
        ...plain,
        beforeUnit(unit) {
          seen.set(unit.id, (seen.get(unit.id) ?? 0) + 1)
          if (unit.kind !== kind) return undefined
          reached.resolve()
          return hold.promise
        },
      }
      const run = await rig.createRun(`crash-${kind}`, auto)
      await reached.promise
      await rig.restartOperator()
      hold.resolve()
      const done = await rig.untilPhase(`crash-${kind}`, 'Succeeded')
      expect(done.status).toMatchObject({ apply: { applied: shopAssets }, draft: { rows: shopAssets } })
      expect([...seen.values()].every((times) => times === 1)).toBe(true)
      expect((await rig.jobsOf(run)).map(({ metadata }) => metadata.labels?.['amx.dev/attempt'])).toEqual([
        '1',
        '1',
        '1',
      ])
    },
  )
})

describe('a store that is down', () => {
  it('is waited for in words, by runs, decisions and deletions, and nothing is lost', async () => {
    const hold = Promise.withResolvers<void>()
    rig.node.script = { ...plain, beforeUnit: (unit) => (unit.kind === 'draft' ? hold.promise : undefined) }
    await rig.createRun('patient')
    await rig.createRun('deleted')
    await rig.until('patient', ({ status }) => status?.phase === 'Running')
    await rig.until('deleted', ({ status }) => status?.phase === 'Running')
    await rig.stopPostgres()

    await rig.createRun('newcomer')
    const newcomer = await rig.until('newcomer', (run) => readyReason(run) === 'StoreUnavailable')
    expect(newcomer.status?.phase).toBe('Pending')
    await rig.runs.delete(`${rig.namespace}/deleted`)
    await rig.until('deleted', (run) =>
      conditionOf(run, 'Ready').message.includes('Being deleted: waits for the store'),
    )

    hold.resolve()
    rig.node.script = plain
    await rig.startPostgres()
    await rig.untilPhase('newcomer', 'AwaitingReview')
    const patient = await rig.untilPhase('patient', 'AwaitingReview')
    expect(patient.status?.draft?.rows).toBe(shopAssets)
    await waitFor(
      () => rig.runs.get(`${rig.namespace}/deleted`).catch(() => null),
      (run) => run === null,
    )
  }, 120_000)
})

describe('the API server', () => {
  it('is written to at most 40 times for a whole run', async () => {
    const before = await rig.writes()
    const run = await rig.createRun('frugal', auto)
    const done = await rig.untilPhase('frugal', 'Succeeded')
    await waitFor(
      () => rig.eventsOf(run),
      (events) => events.some((event) => event.startsWith('Normal Succeeded')),
    )
    const writes = (await rig.writes()) - before
    expect(writes).toBeLessThanOrEqual(20)
    expect(Buffer.byteLength(JSON.stringify(done.status))).toBeLessThan(8 * 1024)
  })
})

function readyReason(run: Parameters<typeof conditionOf>[0]): string | undefined {
  return run.status?.conditions?.find(({ type }) => type === 'Ready')?.reason
}
