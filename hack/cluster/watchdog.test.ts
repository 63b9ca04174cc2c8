import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startWatchdog } from './watchdog.ts'

let dir: string
let children: ChildProcess[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'amx-watchdog-'))
  children = []
})

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

async function sleepers(count: number): Promise<ChildProcess[]> {
  children = Array.from({ length: count }, () => spawn('sleep', ['600'], { detached: true }))
  await Promise.all(children.map((child) => once(child, 'spawn')))
  return children
}

test.each([
  ['first', 0],
  ['middle', 1],
  ['last', 2],
])('what is watched is killed at the end, and the forgotten %s one is not', async (_name, forgotten) => {
  const recordPath = join(dir, 'pids')
  writeFileSync(recordPath, 'a record')
  const watched = await sleepers(3)
  const watchdog = startWatchdog(recordPath)
  for (const child of watched) watchdog.watch(child.pid ?? 0)
  watchdog.forget(watched[forgotten]?.pid ?? 0)
  const ends = watched.flatMap((child, index) => (index === forgotten ? [] : [once(child, 'exit')]))
  watchdog.close()
  await Promise.all(ends)
  await vi.waitUntil(() => !existsSync(recordPath))
  expect(watched[forgotten]).toMatchObject({ exitCode: null, signalCode: null })
})

test('forgetting what was not watched changes nothing', async () => {
  const [child] = await sleepers(1)
  const watchdog = startWatchdog(join(dir, 'pids'))
  watchdog.watch(child?.pid ?? 0)
  watchdog.forget(1)
  watchdog.close()
  await vi.waitUntil(() => child?.signalCode === 'SIGKILL')
})
