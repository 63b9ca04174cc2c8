import { AmxError } from '@amx/api'
import { sayBytes } from '../context-limits.ts'
import type { SkippedFile, SourceContext, SourceFile } from './open-source.ts'
import { createPathFilter } from './path-filter.ts'

/** A file that a source lists. */
export interface ListedFile extends SourceFile {
  /** Null where the source tells only when the file is read. */
  readonly sizeBytes: number | null
}

const longestPath = 1024

/** The listed files that are read, ordered by path, and those that are skipped, with the reason. Throws AMX-5004. */
export function selectFiles<File extends ListedFile>(
  name: string,
  listed: readonly File[],
  context: Pick<SourceContext, 'spec' | 'limits'>,
): { readonly files: readonly File[]; readonly skipped: readonly SkippedFile[] } {
  const filter = createPathFilter(context.spec)
  const { limits } = context
  const files: File[] = []
  const skipped: SkippedFile[] = []
  let totalBytes = 0
  for (const file of listed) {
    if (!filter.selects(file.path)) continue
    const reason = filter.refuses(file.path) ?? reasonOf(file, limits.fileBytes)
    if (reason !== null) {
      skipped.push({ path: printable(file.path).slice(0, longestPath), reason })
      continue
    }
    totalBytes += file.sizeBytes ?? 0
    files.push(file)
  }
  if (files.length > limits.files) {
    throw new AmxError('AMX-5004', { source: name, size: `${files.length} files`, limit: String(limits.files) })
  }
  if (totalBytes > limits.totalBytes) {
    throw new AmxError('AMX-5004', { source: name, size: sayBytes(totalBytes), limit: sayBytes(limits.totalBytes) })
  }
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), skipped }
}

function reasonOf(file: ListedFile, fileBytes: number): string | null {
  if (file.path.length > longestPath) return `its path is longer than ${longestPath} characters`
  if (printable(file.path) !== file.path) return 'its path has control characters'
  if (file.sizeBytes !== null && file.sizeBytes > fileBytes) return tooLarge(file.sizeBytes, fileBytes)
  return null
}

/** Why a file is skipped for its size. */
export function tooLarge(sizeBytes: number, limitBytes: number): string {
  return `it has ${sayBytes(sizeBytes)}; files above ${sayBytes(limitBytes)} are not read`
}

function printable(path: string): string {
  return path.replaceAll(/\p{Cc}|\p{Cf}/gu, '')
}
