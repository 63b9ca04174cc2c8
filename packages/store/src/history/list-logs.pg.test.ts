import { expect, test } from 'vitest'
import { runOf } from '../testing/run-fixture.ts'
import { openStores, workerOf } from '../testing/store-fixture.ts'

test('lines of a run are read in pages, by stage, level and time', async () => {
  const { server, operator } = await openStores()
  const { uid } = runOf({})
  await operator.beginRun(runOf({ uid }))
  const at = (minute: number) => `2026-11-21T08:0${minute}:00.000Z`
  const line = (minute: number, level: string) => ({
    time: at(minute),
    level,
    message: `${level} ${minute}`,
    facts: {},
  })
  await server.recordLogs(workerOf(uid, 'profile'), { lines: [line(0, 'info'), line(1, 'warn')] })
  await server.recordLogs(workerOf(uid, 'draft'), { lines: [line(2, 'debug'), line(3, 'error')] })
  const read = async (query: object = {}) => {
    const { lines } = await server.listLogs(uid, { limit: 10, ...query })
    return lines.map(({ message }) => message)
  }
  expect(await read()).toEqual(['info 0', 'warn 1', 'debug 2', 'error 3'])
  expect(await read({ stage: 'draft' })).toEqual(['debug 2', 'error 3'])
  expect(await read({ level: 'warn' })).toEqual(['warn 1', 'error 3'])
  expect(await read({ since: at(1) })).toEqual(['warn 1', 'debug 2', 'error 3'])
  const first = await server.listLogs(uid, { limit: 3 })
  expect(first).toMatchObject({ more: true, lines: [{ stage: 'profile', time: at(0) }, {}, {}] })
  const second = await server.listLogs(uid, { limit: 3, after: first.next ?? '' })
  expect(second.lines.map(({ message }) => message)).toEqual(['error 3'])
  expect(await server.listLogs(uid, { limit: 3, after: second.next ?? '' })).toMatchObject({
    lines: [],
    next: second.next,
    more: false,
  })
})

test('the store tells how it fares', async () => {
  const { server } = await openStores()
  const state = await server.readState()
  expect(state.schema).toBeGreaterThanOrEqual(17)
  expect(state.units).toEqual({ waiting: 0, leased: 0, overdue: 0 })
  expect(state.latencyMs).toBeGreaterThan(0)
  expect(state.sizeBytes).toBeGreaterThan(0)
})
