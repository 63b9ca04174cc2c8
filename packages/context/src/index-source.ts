import { createHash } from 'node:crypto'
import { AmxError, type ContextChunk, type ContextKind } from '@amx/api'
import { embedForSearch } from '@amx/retrieval'
import { docsBlocksOf } from './code/dbt-yaml.ts'
import { type ContextLimits, defaultContextLimits, sayBytes } from './context-limits.ts'
import { decodeText } from './decode-text.ts'
import type { Passage } from './passage.ts'
import { readPassages } from './read-passages.ts'
import type { OpenedSource, SkippedFile, SourceFile } from './sources/open-source.ts'

/** A document cut into chunks, each with its vector. */
export interface IndexedDocument {
  readonly path: string
  /** `sha256:<hex>` of its bytes. */
  readonly digest: string
  readonly chunks: readonly (ContextChunk & { readonly vector: Float32Array })[]
}

export interface IndexSourceOptions {
  readonly kind: ContextKind
  readonly limits?: ContextLimits
  readonly signal: AbortSignal
  /** Hears of each file that is left out. */
  readonly onSkipped: (skipped: SkippedFile) => void
}

/**
 * Reads the files of a source one after the other and gives each as chunks; a file that cannot be read is told to `onSkipped`
 * and the rest goes on. Throws AMX-5004 beyond the limits.
 */
export async function* indexSource(source: OpenedSource, options: IndexSourceOptions): AsyncGenerator<IndexedDocument> {
  const { kind, signal, onSkipped } = options
  const limits = options.limits ?? defaultContextLimits
  const { files, skipped } = await source.files(signal)
  for (const file of skipped) onSkipped(file)
  const docsBlocks = await readDocsBlocks(files, signal)
  let totalBytes = 0
  for (const file of files) {
    signal.throwIfAborted()
    const content = await file.read(signal)
    if (!Buffer.isBuffer(content)) {
      onSkipped(content)
      continue
    }
    totalBytes += content.length
    if (totalBytes > limits.totalBytes) {
      const limit = sayBytes(limits.totalBytes)
      throw new AmxError('AMX-5004', { source: 'the source', size: `more than ${limit} to read`, limit })
    }
    const extraction = await readPassages(file.path, content, { kind, docsBlocks, signal })
    if ('reason' in extraction) {
      onSkipped({ path: file.path, reason: extraction.reason })
      continue
    }
    yield {
      path: file.path,
      digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
      chunks: extraction.passages.map((passage, ordinal) => toChunk(file.path, passage, ordinal)),
    }
  }
}

/** What of a chunk is searched: where it stands, its title and its text. */
export function searchTextOf(chunk: Pick<ContextChunk, 'path' | 'title' | 'text'>): string {
  const name = chunk.path.slice(chunk.path.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '')
  const title = chunk.title ?? ''
  // Twice, because what a heading names is what the passage is about.
  return `${name}\n${title}\n${title}\n${chunk.text}`
}

function toChunk(path: string, passage: Passage, ordinal: number): ContextChunk & { vector: Float32Array } {
  const { provided, ...rest } = passage
  const chunk = { path, ordinal, ...rest, ...(provided === undefined ? {} : { provided: [...provided] }) }
  return { ...chunk, vector: embedForSearch(searchTextOf(chunk)) }
}

/** dbt lets a description of one file refer to a text of another, so those are read first. */
async function readDocsBlocks(files: readonly SourceFile[], signal: AbortSignal): Promise<Map<string, string>> {
  const blocks = new Map<string, string>()
  if (!files.some(({ path }) => /\.ya?ml$/i.test(path))) return blocks
  for (const file of files) {
    if (!/\.md$/i.test(file.path)) continue
    const content = await file.read(signal)
    const text = Buffer.isBuffer(content) ? decodeText(content) : null
    for (const [name, block] of text === null ? [] : docsBlocksOf(text)) blocks.set(name, block)
  }
  return blocks
}
