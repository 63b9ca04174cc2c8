import { chmod, mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import type { VolumeFile } from './volume-content.ts'

/**
 * Writes the files of a volume so that a reader sees all old or all new ones: a folder with a name of its own, the link
 * `..data` moved to it in one step, and a link per top-level name. The kubelet's way; watchers of such volumes rely on it.
 * Nothing is written when nothing changed. Gives whether something did.
 */
export async function writeVolume(folder: string, files: readonly VolumeFile[]): Promise<'written' | 'unchanged'> {
  await mkdir(folder, { recursive: true, mode: 0o755 })
  const dataLink = join(folder, '..data')
  const current = await readlink(dataLink).catch(() => undefined)
  if (current !== undefined && (await holds(join(folder, current), files))) return 'unchanged'
  const version = versionName(current)
  for (const file of files) {
    const path = join(folder, version, insideVolume(file.path))
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, file.content)
    await chmod(path, file.mode)
  }
  if (files.length === 0) await mkdir(join(folder, version), { recursive: true })
  const newLink = join(folder, '..data_tmp')
  await rm(newLink, { force: true })
  await symlink(version, newLink)
  await rename(newLink, dataLink)
  await linkTopLevel(folder, files)
  if (current !== undefined) await rm(join(folder, current), { recursive: true, force: true })
  return 'written'
}

let versions = 0

function versionName(current: string | undefined): string {
  versions += 1
  const name = `..${new Date().toISOString().replaceAll(/[:T-]/g, '_')}_${versions}`
  return name === current ? `${name}_` : name
}

/** A path that stays in the volume: `..` is refused by the API server, and again here. */
function insideVolume(path: string): string {
  const result = normalize(path)
  if (result.startsWith('/') || result.startsWith('..')) throw new Error(`${path} leaves its volume`)
  return result
}

async function linkTopLevel(folder: string, files: readonly VolumeFile[]): Promise<void> {
  const wanted = new Set(files.map(({ path }) => insideVolume(path).split('/')[0] ?? ''))
  const present = (await readdir(folder)).filter((name) => !name.startsWith('..'))
  await Promise.all(present.filter((name) => !wanted.has(name)).map((name) => rm(join(folder, name), { force: true })))
  for (const name of wanted) {
    if (!present.includes(name)) await symlink(join('..data', name), join(folder, name))
  }
}

async function holds(folder: string, files: readonly VolumeFile[]): Promise<boolean> {
  const present = await readdir(folder, { recursive: true, withFileTypes: true })
  if (present.filter((entry) => !entry.isDirectory()).length !== new Set(files.map(({ path }) => path)).size)
    return false
  for (const file of files) {
    const content = await readFile(join(folder, file.path)).catch(() => undefined)
    if (content === undefined || !content.equals(file.content)) return false
  }
  return true
}
