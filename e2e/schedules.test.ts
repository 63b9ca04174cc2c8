import { setTimeout as delay } from 'node:timers/promises'
import type { MetadataSchedule } from '@amx/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pluginCommand } from './plugin-command.ts'
import { namespace, openSystem, type System, untilPhase } from './system.ts'

let system: System

const place = ['-d', 'demo-warehouse', '-l', 'built-in'] as const

beforeAll(async () => {
  system = openSystem()
  await system.warehouse(`
    CREATE SCHEMA clock AUTHORIZATION amx_owner;
    SET ROLE amx_owner;
    CREATE TABLE clock.hand (hand_id int, length int);
    CREATE TABLE clock.face (face_id int);
    GRANT USAGE ON SCHEMA clock TO amx_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA clock TO amx_reader;`)
  const made = await Promise.all([
    amx('schedule', 'add', 'clock', '--name', 'every-minute', '--cron', '* * * * *', ...place),
    amx('schedule', 'add', 'clock', '--name', 'on-change', '--on-change', 'all', '--check-every', '10s', ...place),
    amx('schedule', 'add', 'clock', '--name', 'yearly', '--cron', '0 6 29 2 *', '--suspend', ...place),
  ])
  for (const { code, complaint } of made) expect([code, complaint]).toEqual([0, ''])
})

afterAll(async () => {
  await amx('schedule', 'rm', 'every-minute', 'on-change', 'yearly', '-y')
  await system?.warehouse('DROP SCHEMA IF EXISTS clock CASCADE')
})

const amx = (...args: readonly string[]) => pluginCommand(system, args)

async function untilSchedule(name: string, wanted: (status: NonNullable<MetadataSchedule['status']>) => boolean) {
  const limit = Date.now() + 90_000
  for (;;) {
    const { status = {} } = await system.kubectl.json<MetadataSchedule>(['get', 'msched', name, '-n', namespace])
    if (wanted(status)) return status
    if (Date.now() > limit) throw new Error(`${name} is not as wanted: ${JSON.stringify(status)}`)
    await delay(200)
  }
}

test('a run asked for starts at once, although the schedule is paused', async () => {
  expect((await amx('schedule', 'run-now', 'yearly')).code).toBe(0)
  const { lastRunRef, phase } = await untilSchedule('yearly', ({ fired }) => fired === 1)
  expect(phase).toBe('Paused')
  await untilPhase(system, lastRunRef?.name ?? '', 'AwaitingReview')
  expect((await amx('schedule', 'show', 'yearly')).output).toContain(`as run ${lastRunRef?.name}.`)
})

test('what was missed is listed until somebody dismisses it', async () => {
  const missed = { status: { missed: ['2026-02-28T06:00:00Z'] } }
  await system.kubectl.run([
    'patch',
    'msched',
    'yearly',
    '-n',
    namespace,
    '--subresource=status',
    '--type=merge',
    '-p',
    JSON.stringify(missed),
  ])
  expect((await amx('schedule', 'show', 'yearly')).output).toContain('Sat 2026-02-28 06:00')
  expect((await amx('schedule', 'dismiss', 'yearly')).code).toBe(0)
  expect((await untilSchedule('yearly', (status) => status.missed === undefined)).fired).toBe(1)
})

test('a column that appears starts a run of its table', async () => {
  await untilSchedule('on-change', ({ catalog }) => catalog?.position !== undefined)
  await system.warehouse('ALTER TABLE clock.hand ADD COLUMN colour text')
  const { lastRunRef } = await untilSchedule('on-change', ({ fired }) => fired === 1)
  const name = lastRunRef?.name ?? ''
  await untilPhase(system, name, 'AwaitingReview')
  const drafted = (await system.results(name)).map(({ path }) => path)
  expect(drafted).toContain('clock.hand.colour')
  expect(drafted).not.toContain('clock.face.face_id')
})

test('a cron fires when its minute comes, and is shown with its run', async () => {
  const { lastRunRef } = await untilSchedule('every-minute', ({ fired = 0 }) => fired > 0)
  expect((await amx('schedule', 'pause', 'every-minute')).code).toBe(0)
  await untilPhase(system, lastRunRef?.name ?? '', 'AwaitingReview')
  expect((await amx('schedule', 'list', '-o', 'wide')).output).toMatch(/every-minute +Paused/)
  expect((await amx('schedule', 'status')).output).toContain('the operator fires schedules')
})
