import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { linkMountParents } from './mount-tree.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amx-tree-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const here = (path: string): boolean => ['/var', '/var/run', '/etc', '/tmp'].includes(path)

test('a folder above two mounts leads to both', async () => {
  const root = join(folder, 'root')
  const mounts = [
    { mountPath: '/var/run/amx/credentials/0', hostPath: '/pod/a' },
    { mountPath: '/var/run/amx/credentials/1', hostPath: '/pod/b' },
  ]
  const parents = await linkMountParents(root, mounts, here)
  expect(parents).toEqual([
    { mountPath: '/var/run/amx/credentials', hostPath: join(root, 'var/run/amx/credentials') },
    { mountPath: '/var/run/amx', hostPath: join(root, 'var/run/amx') },
  ])
  expect(await readlink(join(root, 'var/run/amx/credentials/1'))).toBe('/pod/b')
  expect(await readdir(join(root, 'var/run/amx/credentials'))).toEqual(['0', '1'])
})

test('folders that the machine has are left alone', async () => {
  expect(await linkMountParents(join(folder, 'root'), [{ mountPath: '/etc/amx', hostPath: '/pod/a' }], here)).toEqual(
    [],
  )
})

test('a mount below another needs no folder', async () => {
  const mounts = [
    { mountPath: '/etc/amx', hostPath: '/pod/a' },
    { mountPath: '/etc/amx/deep/keys', hostPath: '/pod/b' },
  ]
  expect(await linkMountParents(join(folder, 'root'), mounts, here)).toEqual([])
})

test('the tree of an earlier run is replaced', async () => {
  const root = join(folder, 'root')
  await linkMountParents(root, [{ mountPath: '/data/old', hostPath: '/pod/a' }], here)
  await linkMountParents(root, [{ mountPath: '/data/new', hostPath: '/pod/a' }], here)
  expect(await readdir(join(root, 'data'))).toEqual(['new'])
})
