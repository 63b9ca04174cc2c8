import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { AmxError } from '@amx/api'
import type { OpenedSource, SkippedFile, SourceContext } from './open-source.ts'
import { createPathFilter } from './path-filter.ts'
import { type ListedFile, selectFiles, tooLarge } from './select-files.ts'

interface DirectoryPlace {
  /** Where the ConfigMap or volume is mounted. */
  readonly directory: string
  /** How errors name the source. */
  readonly name: string
  /** Folder inside it; empty for all. */
  readonly folder: string
}

const deepest = 64

/**
 * Opens a mounted ConfigMap or volume. Symbolic links are followed to files below the mount only, as a ConfigMap's own are; the
 * revision is a digest over paths and contents.
 */
export async function openDirectory(place: DirectoryPlace, context: SourceContext): Promise<OpenedSource> {
  const mount = await realpath(place.directory).catch((error: unknown) => {
    throw new AmxError('AMX-5003', { source: place.name, detail: 'it is not mounted into the pod' }, { cause: error })
  })
  const root = await realpath(join(mount, place.folder)).catch((error: unknown) => {
    throw new AmxError(
      'AMX-5003',
      { source: place.name, detail: `it has no folder "${place.folder}"` },
      { cause: error },
    )
  })
  if (!isBelow(mount, root) || !(await stat(root)).isDirectory()) {
    throw new AmxError('AMX-5003', { source: place.name, detail: `"${place.folder}" is not a folder inside it` })
  }
  const found = await list(mount, root, context)
  const { files, skipped } = selectFiles(place.name, found.files, context)
  const hash = createHash('sha256')
  for (const file of files) {
    const bytes = await file.read(context.signal)
    hash
      .update(`${file.path}\0`)
      .update(Buffer.isBuffer(bytes) ? createHash('sha256').update(bytes).digest() : bytes.reason)
  }
  return {
    revision: `sha256:${hash.digest('hex')}`,
    files: async () => ({ files, skipped: [...found.skipped, ...skipped] }),
    close: async () => {},
  }
}

async function list(mount: string, root: string, context: SourceContext) {
  const files: ListedFile[] = []
  const skipped: SkippedFile[] = []
  const filter = createPathFilter(context.spec)

  async function visit(folder: string, depth: number): Promise<void> {
    context.signal.throwIfAborted()
    if (depth > deepest) throw new AmxError('AMX-5004', { source: root, size: 'folders too deep', limit: `${deepest}` })
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      // `..data` and its like are how the kubelet swaps a ConfigMap.
      if (entry.name.startsWith('..')) continue
      const full = join(folder, entry.name)
      const path = relative(root, full).split(sep).join('/')
      if (entry.isDirectory()) {
        if (filter.selects(`${path}/`) || !/(?:^|\/)(?:\.git|node_modules)$/.test(path)) await visit(full, depth + 1)
        continue
      }
      const target = entry.isSymbolicLink() ? await realpath(full).catch(() => null) : full
      if (target === null || !isBelow(mount, target)) {
        skipped.push({ path, reason: 'it is a symbolic link that leads out of the source' })
        continue
      }
      const { size, isFile } = await describe(target)
      if (isFile) files.push({ path, sizeBytes: size, read: () => readWithin(mount, path, target, context) })
      else skipped.push({ path, reason: 'it is not a regular file' })
    }
  }

  await visit(root, 0)
  return { files, skipped: skipped.filter(({ path }) => filter.selects(path)) }
}

async function describe(path: string) {
  const stats = await stat(path)
  return { size: stats.size, isFile: stats.isFile() }
}

async function readWithin(
  mount: string,
  path: string,
  target: string,
  context: SourceContext,
): Promise<Buffer | SkippedFile> {
  // Between listing and reading somebody may have put a link in its place.
  const real = await realpath(target).catch(() => null)
  if (real === null || !isBelow(mount, real)) return { path, reason: 'it went away while the source was read' }
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) return { path, reason: 'it is not a regular file' }
    if (stats.size > context.limits.fileBytes) return { path, reason: tooLarge(stats.size, context.limits.fileBytes) }
    return await handle.readFile({ signal: context.signal })
  } finally {
    await handle.close()
  }
}

function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
}
