import { randomUUID } from 'node:crypto'
import { contextVectorSize } from '@amx/api'
import type { BeginContextIndexRequest, IndexerIdentity, StorableChunk, StorableDocument } from '../context/contract.ts'

export function sourceOf(options: Partial<BeginContextIndexRequest> = {}): BeginContextIndexRequest {
  return {
    uid: randomUUID(),
    namespace: 'team',
    name: 'handbook',
    kind: 'Documents',
    spec: { kind: 'Documents', configMap: { name: 'handbook' } },
    specDigest: 'sha256:spec',
    number: 1,
    ...options,
  }
}

export function indexerOf({ uid, number }: Pick<BeginContextIndexRequest, 'uid' | 'number'>): IndexerIdentity {
  return { sourceUid: uid, number, holder: 'index-pod' }
}

/** A document of one chunk per text; words are terms. */
export function documentOf(path: string, texts: readonly string[], title: string | null = null): StorableDocument {
  return {
    path,
    digest: `sha256:${path}`,
    chunks: texts.map(
      (text, ordinal): StorableChunk => ({
        path,
        ordinal,
        startLine: ordinal + 1,
        endLine: ordinal + 1,
        title,
        text,
        vector: Buffer.alloc(contextVectorSize * 4),
        titleTerms: wordsOf(title ?? ''),
        textTerms: wordsOf(text),
      }),
    ),
  }
}

export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []
}
