import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { WhoAmI } from '@amx/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pluginCommand } from './plugin-command.ts'
import { applyRun, openSystem, type System, until, untilPhase } from './system.ts'

// The way to a server that nobody published, through its pod, in the whole system; then what is seen there.

let system: System
let publicUrl: string
const service = ['service', 'amx-server', '-n', 'amx-system']
const plugin = resolve(import.meta.dirname, '../kubectl-plugin/dist/kubectl-amx.mjs')

beforeAll(async () => {
  system = openSystem()
  const { metadata } = await system.kubectl.json<{ metadata: { annotations: Record<string, string> } }>([
    'get',
    ...service,
  ])
  publicUrl = metadata.annotations['amx.dev/url'] ?? ''
  await system.kubectl.run(['annotate', ...service, 'amx.dev/url-'])
})

afterAll(() => system.kubectl.run(['annotate', ...service, `amx.dev/url=${publicUrl}`]))

const amx = (...args: string[]) => pluginCommand(system, args)

test('logs of a run come through the pod of the server, also after the pods of the run are gone', async () => {
  const name = await applyRun(system, { include: ['catalog.category'] })
  await untilPhase(system, name, 'AwaitingReview')
  await system.kubectl.run(['delete', 'jobs', '-n', 'default', '-l', `amx.dev/run=${name}`, '--wait=true'])
  const { code, output, complaint } = await amx('logs', name, '-o', 'json')
  expect(code, complaint).toBe(0)
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { stage: string })
  expect(new Set(lines.map(({ stage }) => stage))).toEqual(new Set(['profile', 'draft']))
})

test('doctor finds nothing broken in the quick start', async () => {
  const { code, output } = await amx('doctor')
  expect(output).toMatch(/^ok +server +https:.*through a port forwarded to pod amx-server-/m)
  expect(output).toMatch(/ 0 broken, /)
  expect(code).toBe(0)
})

test('studio signs a browser in through the pod, for as long as it runs', async () => {
  const env = { ...process.env, KUBECONFIG: system.kubeconfigPath }
  const child = spawn(process.execPath, [plugin, 'studio', '--no-open'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [address = ''] = (await once(createInterface({ input: child.stdout }), 'line')) as string[]
  const url = new URL(address)
  expect(await (await fetch(url)).text()).toContain('Signing in')
  const begun = await fetch(new URL('/api/v1/session', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: new URLSearchParams(url.hash.slice(1)).get('code') }),
  })
  const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? ''
  const me = (await (await fetch(new URL('/api/v1/whoami', url), { headers: { cookie } })).json()) as WhoAmI
  expect(me).toMatchObject({ username: 'admin', sessionUntil: expect.any(String) })
  child.kill('SIGINT')
  expect(await once(child, 'close')).toEqual([0, null])
  await until('the port is closed', () =>
    fetch(url).then(
      () => false,
      () => true,
    ),
  )
})
