import type { ContextDocuments } from '@amx/api'
import { searchTerms } from '@amx/retrieval'
import type { StorableDocument } from '@amx/store'

/** Documents as an index pod posts them, with the stems that their chunks are found by. */
export function storableDocuments({ documents }: ContextDocuments): StorableDocument[] {
  return documents.map(({ path, digest, chunks }) => ({
    path,
    digest,
    chunks: chunks.map(({ vector, ...chunk }) => ({
      ...chunk,
      vector: Buffer.from(vector, 'base64'),
      titleTerms: stemsOf(`${chunk.title ?? ''} ${fileWords(path)}`),
      textTerms: stemsOf(chunk.text),
    })),
  }))
}

function stemsOf(text: string): string[] {
  return searchTerms(text).map(({ stem }) => stem)
}

/** A path without the ending of its file, which says what it is written in and not what it is about. */
function fileWords(path: string): string {
  return path.replace(/\.[a-z0-9]{1,8}$/i, '')
}
