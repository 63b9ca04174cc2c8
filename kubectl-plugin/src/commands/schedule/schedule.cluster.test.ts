import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { apiVersion, firesSchedulesAnnotation, type MetadataSchedule, plurals } from '@amx/api'
import { callApiServer, rigKubeConfigPath, testNamespace } from '@amx/hack'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { runCommandLine } from '../../command-fixture.ts'
import { openTerminal } from '../../terminal-fixture.ts'

// The schedule commands against a real API server, as two systems: one whose operator fires schedules, and one without.

let namespace: string
let firing: string

beforeAll(async () => {
  namespace = await testNamespace({ prefix: 'schedule' })
  firing = await testNamespace({ prefix: 'firing' })
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'amx-operator', annotations: { [firesSchedulesAnnotation]: 'true' } },
    spec: { holderIdentity: 'amx-operator-0', renewTime: '2026-11-21T08:07:50.000000Z', leaseDurationSeconds: 15 },
  }
  const path = `/apis/coordination.k8s.io/v1/namespaces/${firing}/leases`
  expect((await callApiServer(rigKubeConfigPath(), 'POST', path, lease)).status).toBe(201)
})

function amx(system: string, ...words: readonly string[]) {
  const place = ['--kubeconfig', rigKubeConfigPath(), '-n', namespace]
  return runCommandLine(['schedule', ...words, ...place], { env: { AMX_SYSTEM_NAMESPACE: system } })
}

async function read(name: string): Promise<MetadataSchedule> {
  const path = `/apis/${apiVersion}/namespaces/${namespace}/${plurals.MetadataSchedule}/${name}`
  return JSON.parse((await callApiServer(rigKubeConfigPath(), 'GET', path)).body) as MetadataSchedule
}

const add = (name: string, ...when: readonly string[]) =>
  amx(firing, 'add', '--name', name, ...when, '-d', 'pg', '-l', 'llm')

test('a schedule is made, shown, changed, paused, resumed, asked to run and deleted', async () => {
  const made = await add('nightly', '--cron', '0 6 * * 1-5', '--tz', 'Europe/Istanbul')
  expect(made).toMatchObject({ code: 0, stderr: '' })
  expect(made.stdout.split('\n').slice(0, 2)).toEqual([
    'metadataschedule.amx.dev/nightly created',
    'At 06:00, Monday through Friday (Europe/Istanbul).',
  ])

  expect((await amx(firing, 'edit', 'nightly', '--at', '2099-01-01T09:00')).code).toBe(0)
  expect((await read('nightly')).spec).toMatchObject({ at: '2099-01-01T09:00', timeZone: 'Europe/Istanbul' })
  expect((await read('nightly')).spec.cron).toBeUndefined()

  const widened = await amx(firing, 'edit', 'nightly', 'sales', '--missing-only', '--set', 'generation.alternatives=5')
  expect(widened).toMatchObject({ code: 0, stderr: '' })
  expect((await read('nightly')).spec.runTemplate.spec).toMatchObject({
    targets: [{ databaseProfileRef: { name: 'pg' }, scope: { include: ['sales'], missingOnly: true } }],
    generation: { alternatives: 5 },
  })
  expect((await amx(firing, 'edit', 'nightly', '--missing-only')).stderr).toContain('nothing was changed')

  await amx(firing, 'pause', 'nightly')
  expect((await amx(firing, 'list')).stdout).toMatch(/nightly +Paused +2099-01-01T09:00 +Europe\/Istanbul/)
  await amx(firing, 'resume', 'nightly')
  expect((await read('nightly')).spec.suspend).toBe(false)

  expect((await amx(firing, 'run-now', 'nightly')).stdout).toContain('is asked to fire now')
  expect((await read('nightly')).metadata.annotations).toEqual({ 'amx.dev/run-now': expect.any(String) })
  expect(JSON.parse((await amx(firing, 'show', 'nightly', '-o', 'json')).stdout).metadata.name).toBe('nightly')

  expect((await amx(firing, 'rm', 'nightly')).code).toBe(2)
  expect(await amx(firing, 'rm', 'nightly', '-y')).toMatchObject({ code: 0, stderr: '' })
  const events = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`
  const { body } = await callApiServer(rigKubeConfigPath(), 'GET', events)
  expect(JSON.parse(body).items).toMatchObject([{ reason: 'ScheduleDeleted', regarding: { name: 'nightly' } }])
})

test('a time that is over is refused in the words of the API server', async () => {
  const { code, stderr } = await add('late', '--at', '2020-01-01T09:00')
  expect(code).toBe(2)
  expect(stderr).toContain('spec.at is in the past')
})

test('where no operator fires schedules, nothing looks as if one did', async () => {
  const made = await amx(namespace, 'add', '--name', 'idle', '--on-change', 'all', '-d', 'pg', '-l', 'llm')
  expect(made.stderr).toContain('does not fire schedules yet')
  const asked = await amx(namespace, 'run-now', 'idle')
  expect(asked.stderr).toContain('AMX-1080')
  expect((await read('idle')).metadata.annotations).toBeUndefined()
  expect((await amx(namespace, 'list')).stdout).toMatch(/idle +Unattended +on change/)
  expect((await amx(namespace, 'status')).stdout).toContain('does not fire schedules yet')
  expect((await amx(firing, 'status')).stdout).toContain('amx-operator-0 leads')
})

test('without flags the spec is edited as a file, and what is taken out of it goes', async () => {
  await add('edited', '--cron', '0 6 * * *', '--tz', 'Europe/Istanbul')
  const place = ['--kubeconfig', rigKubeConfigPath(), '-n', namespace]
  const env = { AMX_SYSTEM_NAMESPACE: firing, EDITOR: "sed -i -e '/timeZone/d' -e 's/0 6/30 5/'" }
  expect((await runCommandLine(['schedule', 'edit', 'edited', ...place], { typed: [], env })).code).toBe(0)
  const { spec } = await read('edited')
  expect([spec.cron, spec.timeZone]).toEqual(['30 5 * * *', undefined])
  const same = await runCommandLine(['schedule', 'edit', 'edited', ...place], { typed: [], env: { EDITOR: 'true' } })
  expect(same.stderr).toContain('nothing was changed')
})

test('on a terminal what is missing is asked for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'amx-schedule-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL('../../../build.ts', import.meta.url)), folder])
  const place = ['--kubeconfig', rigKubeConfigPath(), '-n', namespace, '-d', 'pg', '-l', 'llm', '--all']
  const terminal = openTerminal(process.execPath, [join(folder, 'kubectl-amx.mjs'), 'schedule', 'add', ...place], {
    columns: 140,
    rows: 40,
    env: { ...process.env, AMX_SYSTEM_NAMESPACE: firing, TZ: 'Europe/Istanbul', NO_COLOR: '1' },
  })
  onTestFinished(() => terminal.close())
  await terminal.until('When does it fire')
  terminal.press('enter')
  await terminal.until('Who reviews')
  terminal.press('enter')
  await terminal.until('Name of the schedule')
  terminal.press('asked', 'enter')
  await terminal.until('Five fields')
  terminal.press('0 6 * * 1-5', 'enter')
  await terminal.until('Time zone [Europe/Istanbul]')
  terminal.press('enter')
  await terminal.until('A person reviews every draft.')
  expect((await read('asked')).spec).toMatchObject({ cron: '0 6 * * 1-5', timeZone: 'Europe/Istanbul' })
})
