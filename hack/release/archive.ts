import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'

export interface ArchivedFile {
  readonly name: string
  readonly mode: number
  readonly content: Buffer
}

/** A compressed archive whose bytes depend on nothing but its files: no times, no owners. */
export async function tarball(files: readonly ArchivedFile[]): Promise<Buffer> {
  const archive = pack()
  // 1985, as npm does it: some programs take the beginning of 1970 for no time.
  const mtime = new Date('1985-10-26T08:15:00Z')
  for (const { name, mode, content } of files) archive.entry({ name, mode, mtime }, content)
  archive.finalize()
  return gzipSync(await buffer(archive), { level: 9 })
}
