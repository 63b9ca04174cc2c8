import { type Accepted, AmxError, type ContextFinish } from '@amx/api'
import { type Database, oneRow, type Queryable } from '../database.ts'
import { jsonParameter, storableText } from '../json-parameter.ts'
import type { IndexerIdentity, StorableDocument } from './contract.ts'
import { dropRows, lockSource } from './manage-index.ts'
import { termVector } from './term-vector.ts'

interface BuildingIndex {
  readonly id: string
  readonly state: string
  readonly known_revision: string | null
}

/** Keeps documents of an index that is being built; what was posted before is not kept twice. */
export async function recordContextDocuments(
  database: Database,
  indexer: IndexerIdentity,
  documents: readonly StorableDocument[],
  signal?: AbortSignal,
): Promise<Accepted> {
  return database.transaction(async (tx) => {
    // Shared: parts of a source may arrive at the same time, a finish or a failure waits for them.
    const index = await readIndex(tx, indexer, 'for share')
    if (index.state !== 'Building') throw overError(index)
    const added = await tx.rows(
      `insert into amx.context_documents (index_id, path, digest)
       select $1, path, digest from unnest($2::text[], $3::text[]) as posted (path, digest)
       on conflict (index_id, path) do nothing returning path`,
      [index.id, documents.map(({ path }) => storableText(path)), documents.map(({ digest }) => digest)],
    )
    const chunks = documents.flatMap((document) => document.chunks)
    const terms = chunks.map(({ titleTerms, textTerms }) => termVector(titleTerms, textTerms))
    const kept = await tx.rows(
      `insert into amx.context_chunks
         (index_id, path, ordinal, start_line, end_line, title, text, provided, terms, term_count, vector)
       select $1, path, ordinal, start_line, end_line, title, text, provided, terms, term_count, vector
       from unnest($2::text[], $3::integer[], $4::integer[], $5::integer[], $6::text[], $7::text[], $8::jsonb[],
         $9::tsvector[], $10::integer[], $11::bytea[])
         as posted (path, ordinal, start_line, end_line, title, text, provided, terms, term_count, vector)
       on conflict (index_id, path, ordinal) do nothing returning id`,
      [
        index.id,
        chunks.map(({ path }) => storableText(path)),
        chunks.map(({ ordinal }) => ordinal),
        chunks.map(({ startLine }) => startLine),
        chunks.map(({ endLine }) => endLine),
        chunks.map(({ title }) => (title === null ? null : storableText(title))),
        chunks.map(({ text }) => storableText(text)),
        chunks.map(({ provided }) => (provided?.length ? jsonParameter(provided) : null)),
        terms.map(({ literal }) => literal),
        terms.map(({ count }) => count),
        chunks.map(({ vector }) => vector),
      ],
    )
    return { recorded: added.length > 0 || kept.length > 0 }
  }, signal)
}

/**
 * Puts a new index in the place of the old one, all at once: searches see the one or the other. A source that is as it was keeps
 * its index.
 */
export async function finishContextIndex(
  database: Database,
  indexer: IndexerIdentity,
  finish: ContextFinish,
  signal?: AbortSignal,
): Promise<Accepted> {
  return database.transaction(async (tx) => {
    await lockSource(tx, indexer.sourceUid)
    const index = await readIndex(tx, indexer, 'for update')
    if (index.state === 'Finished' || index.state === 'Unchanged') return { recorded: false }
    if (index.state !== 'Building') throw overError(index)
    const posted = await countPosted(tx, index.id)
    const isUnchanged = finish.revision === index.known_revision && finish.documents === 0 && posted.documents === 0
    if (isUnchanged) {
      await endIndex(tx, index.id, 'Unchanged', finish, 0)
      return { recorded: true }
    }
    if (posted.documents !== finish.documents || posted.chunks !== finish.chunks) {
      const problem = `${finish.documents} documents and ${finish.chunks} chunks were announced, ${posted.documents} and ${posted.chunks} were posted`
      throw new AmxError('AMX-1014', { problem })
    }
    await tx.rows(
      `insert into amx.context_terms (index_id, term, chunks)
       select $1::bigint, word, ndoc
       from ts_stat(format('select terms from amx.context_chunks where index_id = %s', $1::bigint))`,
      [index.id],
    )
    // What was inserted waits in a list that every search would read through.
    await tx.rows(`select gin_clean_pending_list('amx.context_chunks_by_terms')`)
    await endIndex(tx, index.id, 'Finished', finish, posted.terms)
    const replaced = await tx.rows<{ id: string }>(
      `select id::text from amx.context_indexes where source_uid = $1 and id <> $2 and number < $3`,
      [indexer.sourceUid, index.id, indexer.number],
    )
    await tx.rows('update amx.context_sources set current_index = $2 where uid = $1', [indexer.sourceUid, index.id])
    for (const { id } of replaced) await dropRows(tx, id)
    return { recorded: true }
  }, signal)
}

async function readIndex(
  tx: Queryable,
  { sourceUid, number }: IndexerIdentity,
  lock: 'for share' | 'for update',
): Promise<BuildingIndex> {
  const [index] = await tx.rows<BuildingIndex>(
    `select id::text, state, known_revision from amx.context_indexes where source_uid = $1 and number = $2 ${lock}`,
    [sourceUid, number],
  )
  if (index === undefined) throw new AmxError('AMX-1013', { what: `index ${number} of this ContextSource` })
  return index
}

async function countPosted(
  tx: Queryable,
  indexId: string,
): Promise<{ readonly documents: number; readonly chunks: number; readonly terms: string }> {
  return oneRow(
    tx,
    `select (select count(*)::integer from amx.context_documents where index_id = $1) as documents,
       count(*)::integer as chunks, coalesce(sum(term_count), 0)::text as terms
     from amx.context_chunks where index_id = $1`,
    [indexId],
  )
}

async function endIndex(
  tx: Queryable,
  indexId: string,
  state: 'Finished' | 'Unchanged',
  { revision, documents, chunks, skipped }: ContextFinish,
  terms: string | number,
): Promise<void> {
  await tx.rows(
    `update amx.context_indexes set state = $2, revision = $3, documents = $4, chunks = $5, skipped = $6, terms = $7,
       ended_at = now() where id = $1`,
    [indexId, state, storableText(revision), documents, chunks, jsonParameter(skipped), terms],
  )
}

function overError({ state }: BuildingIndex): AmxError {
  return new AmxError('AMX-1009', { problem: `this index is ${state.toLowerCase()} already` })
}
