import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSettings, keptSettings, settingsPath } from './settings.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amx-settings-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('what was made is kept, with ports and passwords that all differ', async () => {
  const path = settingsPath(folder)
  expect(keptSettings(path)).toBeUndefined()
  const made = await createSettings(path, 'kind')
  expect(keptSettings(path)).toEqual(made)
  expect(made.cluster).toBe('kind')
  expect(new Set(Object.values(made.ports)).size).toBe(6)
  expect(new Set([made.adminPassword, made.readerPassword, made.writerPassword]).size).toBe(3)
})

test('settings from before there was a choice are those of the bare control plane', () => {
  const path = settingsPath(folder)
  writeFileSync(path, JSON.stringify({ ports: { server: 1 }, readerPassword: 'r', writerPassword: 'w' }))
  expect(keptSettings(path)).toMatchObject({ cluster: 'bare', ports: { server: 1 }, readerPassword: 'r' })
})
