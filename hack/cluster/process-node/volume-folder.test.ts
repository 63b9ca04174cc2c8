import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeVolume } from './volume-folder.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amx-volume-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

function file(path: string, content: string, mode = 0o644): { path: string; content: Buffer; mode: number } {
  return { path, content: Buffer.from(content), mode }
}

async function names(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !name.startsWith('..')).sort()
}

test('files are there with their modes, also in folders', async () => {
  await writeVolume(folder, [file('a', 'one'), file('deep/b', 'two', 0o400)])
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('one')
  expect(await readFile(join(folder, 'deep/b'), 'utf8')).toBe('two')
  expect((await stat(join(folder, 'deep/b'))).mode & 0o777).toBe(0o400)
  expect(await names()).toEqual(['a', 'deep'])
})

test('an update replaces all files in one step and leaves nothing of the old ones', async () => {
  await writeVolume(folder, [file('a', 'one'), file('b', 'one')])
  const before = await readlink(join(folder, '..data'))
  expect(await writeVolume(folder, [file('a', 'two'), file('c', 'two')])).toBe('written')
  expect(await names()).toEqual(['a', 'c'])
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('two')
  expect(await readdir(folder)).not.toContain(before)
})

test('the same files are not written again', async () => {
  await writeVolume(folder, [file('a', 'one'), file('deep/b', 'two')])
  const before = await readlink(join(folder, '..data'))
  expect(await writeVolume(folder, [file('a', 'one'), file('deep/b', 'two')])).toBe('unchanged')
  expect(await readlink(join(folder, '..data'))).toBe(before)
})

test('a volume can be empty', async () => {
  await writeVolume(folder, [])
  expect(await names()).toEqual([])
})

test('a path out of the volume is refused', async () => {
  await expect(writeVolume(folder, [file('../a', 'one')])).rejects.toThrow('leaves its volume')
})
