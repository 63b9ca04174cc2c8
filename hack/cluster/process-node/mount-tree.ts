import { existsSync } from 'node:fs'
import { mkdir, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Mount } from './mount-rewrite.ts'

/**
 * Folders that exist only because something is mounted below them, such as `/var/run/amx` for a mount at
 * `/var/run/amx/token`: programs are told such a folder and look for what is in it. A tree of links below `root` stands for
 * them; gives where each is. Folders that this machine has too are left out.
 */
export async function linkMountParents(
  root: string,
  mounts: readonly Mount[],
  existsHere: (path: string) => boolean = existsSync,
): Promise<Mount[]> {
  await rm(root, { recursive: true, force: true })
  const mounted = new Set(mounts.map(({ mountPath }) => mountPath))
  const parents = new Set<string>()
  for (const mount of mounts) {
    const above = parentsOf(mount.mountPath)
    // What is mounted below another mount is found through its own path only.
    if (above.some((path) => mounted.has(path))) continue
    const own = above.filter((path) => !existsHere(path))
    if (own.length === 0) continue
    const link = join(root, mount.mountPath)
    await mkdir(dirname(link), { recursive: true })
    await symlink(mount.hostPath, link)
    for (const path of own) parents.add(path)
  }
  return [...parents].map((mountPath) => ({ mountPath, hostPath: join(root, mountPath) }))
}

/** The folders above a path, without the root. */
function parentsOf(path: string): string[] {
  const result: string[] = []
  for (let parent = dirname(path); parent !== '/' && parent !== '.'; parent = dirname(parent)) result.push(parent)
  return result
}
