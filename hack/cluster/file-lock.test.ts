import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withFileLock } from './file-lock.ts'
import { silentProgress } from './progress.ts'

let dir: string
let path: string
const options = { waitingFor: 'the other', progress: silentProgress }

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'amx-file-lock-'))
  path = join(dir, 'lock')
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('two do not hold the lock at the same time', async () => {
  const events: string[] = []
  const work = (name: string) =>
    withFileLock(path, options, async () => {
      events.push(`${name} begins`)
      await new Promise((resolve) => setImmediate(resolve))
      events.push(`${name} ends`)
    })
  await Promise.all([work('first'), work('second')])
  expect(events).toEqual(['first begins', 'first ends', 'second begins', 'second ends'])
})

test('work that fails gives the lock back', async () => {
  await expect(withFileLock(path, options, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(existsSync(path)).toBe(false)
})

test('the lock of a process that is gone is taken over', async () => {
  writeFileSync(path, `${process.pid} another-birth`)
  expect(await withFileLock(path, options, async () => 'done')).toBe('done')
})

test('an abort ends the wait for a lock that is held', async () => {
  const abort = new AbortController()
  await withFileLock(path, options, async () => {
    const waiting = withFileLock(path, { ...options, signal: abort.signal }, async () => 'never')
    abort.abort()
    await expect(waiting).rejects.toThrow('aborted')
  })
})
