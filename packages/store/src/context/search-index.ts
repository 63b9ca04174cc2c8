import type { Database } from '../database.ts'
import type { SearchableIndex, StoredChunk, StoredVector, TermHit, TermQuery } from './contract.ts'
import { isTerm, quoteTerm } from './term-vector.ts'

// BM25 (Robertson, Zaragoza 2009). A place in the title counts as three in the text.
const k1 = 1.2
const b = 0.75
const titleWeight = 3

/** Terms of one query that are looked for, the rarest first. */
const mostTerms = 24
/**
 * Chunks that the terms of one query may make candidates. The rarest terms come first: what is found by common words alone is left
 * to the vectors, but a common word still counts where a rare one led.
 */
const mostCandidates = 250

const searchableColumns = `i.id::text as "indexId", s.uid as "sourceUid", s.name as "sourceName", i.kind, i.chunks`
const searchableTables = 'amx.context_sources s join amx.context_indexes i on i.id = s.current_index'

/** The indexes in use of some sources. */
export async function listSearchableIndexes(
  database: Database,
  sourceUids: readonly string[],
  signal?: AbortSignal,
): Promise<readonly SearchableIndex[]> {
  signal?.throwIfAborted()
  return database.rows<SearchableIndex>(
    `select ${searchableColumns} from ${searchableTables} where s.uid = any($1) order by array_position($1, s.uid)`,
    [sourceUids],
  )
}

/** The index in use of the source of this name; null when there is none. */
export async function findSearchableIndex(
  database: Database,
  namespace: string,
  name: string,
  signal?: AbortSignal,
): Promise<SearchableIndex | null> {
  signal?.throwIfAborted()
  const [row] = await database.rows<SearchableIndex>(
    `select ${searchableColumns} from ${searchableTables}
     where s.namespace = $1 and s.name = $2 order by s.created_at desc limit 1`,
    [namespace, name],
  )
  return row ?? null
}

interface RareTerm {
  readonly term: string
  readonly rarity: number
  /** Chunks that have it. */
  readonly chunks: number
}

/** The best chunks per query by BM25: PostgreSQL's full-text index finds the candidates, their term vectors give the score. */
export async function searchContextTerms(
  database: Database,
  indexIds: readonly string[],
  queries: readonly TermQuery[],
  limit: number,
  signal?: AbortSignal,
): Promise<readonly (readonly TermHit[])[]> {
  signal?.throwIfAborted()
  const asked = queries.map((query) => [...new Set(query)].filter(isTerm))
  const rarities = await readRarities(database, indexIds, [...new Set(asked.flat())])
  const weighed = asked.map((terms) =>
    terms
      .flatMap((term) => rarities.byTerm.get(term) ?? [])
      .sort((left, right) => right.rarity - left.rarity)
      .slice(0, mostTerms),
  )
  const totals = asked.map((terms) =>
    terms.reduce((sum, term) => sum + (rarities.byTerm.get(term)?.rarity ?? rarities.ofUnknown), 0),
  )
  signal?.throwIfAborted()
  const open = weighed.flatMap((terms, index) => (terms.length === 0 ? [] : [{ index, terms }]))
  const hits: TermHit[][] = queries.map(() => [])
  if (open.length === 0) return hits
  const rows = await database.transaction(async (tx) => {
    // The planner knows nothing of a query it reads from a parameter, and would rather read every chunk.
    await tx.rows('set local enable_seqscan = off')
    return tx.rows<{ query: number; chunkId: string; score: number; matched: number }>(
      `with queries as (
       select (q ->> 'query')::integer as query, (q ->> 'find')::tsquery as find, q -> 'rarity' as rarity
       from jsonb_array_elements($2::jsonb) as q
     )
     select q.query, best.id::text as "chunkId", best.score, best.matched
     from queries q cross join lateral (
       select c.id, sum(rarity * places * ($3::float8 + 1) / (places + $3 * (1 - $4::float8 + $4 * c.term_count / $5::float8)))
           as score,
         sum(rarity) as matched
       from amx.context_chunks c
       cross join lateral (
         select (q.rarity ->> lexeme)::float8 as rarity,
           cardinality(positions) + ($6::float8 - 1) * cardinality(array_positions(weights, 'A')) as places
         from unnest(c.terms) where q.rarity ? lexeme
       ) as term
       where c.index_id = any($1::bigint[]) and c.terms @@ q.find
       group by c.id order by score desc, c.id limit $7
     ) as best
     order by q.query, best.score desc, best.id`,
      [
        indexIds,
        JSON.stringify(open.map(({ index, terms }) => ({ query: index, find: orOf(terms), rarity: rarityOf(terms) }))),
        k1,
        b,
        rarities.averageLength,
        titleWeight,
        limit,
      ],
    )
  }, signal)
  for (const { query, chunkId, score, matched } of rows) {
    hits[query]?.push({ chunkId, score, coverage: Math.min(1, matched / Math.max(totals[query] ?? 0, 1e-9)) })
  }
  return hits
}

interface Rarities {
  readonly byTerm: ReadonlyMap<string, RareTerm>
  /** Of a term that no chunk has. */
  readonly ofUnknown: number
  readonly averageLength: number
}

async function readRarities(
  database: Database,
  indexIds: readonly string[],
  terms: readonly string[],
): Promise<Rarities> {
  const [totals] = await database.rows<{ chunks: number; terms: number }>(
    `select coalesce(sum(chunks), 0)::integer as chunks, coalesce(sum(terms), 0)::float8 as terms
     from amx.context_indexes where id = any($1::bigint[])`,
    [indexIds],
  )
  const chunks = totals?.chunks ?? 0
  const rows = await database.rows<{ term: string; chunks: number }>(
    `select term, sum(chunks)::integer as chunks from amx.context_terms
     where index_id = any($1::bigint[]) and term = any($2) group by term`,
    [indexIds, terms],
  )
  const rarity = (found: number): number => Math.log(1 + (chunks - found + 0.5) / (found + 0.5))
  const byTerm = new Map(rows.map(({ term, chunks: found }) => [term, { term, rarity: rarity(found), chunks: found }]))
  return { byTerm, ofUnknown: rarity(0), averageLength: Math.max(1, (totals?.terms ?? 0) / Math.max(1, chunks)) }
}

/** A tsquery for chunks with any of the rarest terms. */
function orOf(terms: readonly RareTerm[]): string {
  let candidates = 0
  const leading = terms.filter(({ chunks }, index) => {
    candidates += chunks
    return index === 0 || candidates <= mostCandidates
  })
  return leading.map(({ term }) => quoteTerm(term)).join(' | ')
}

function rarityOf(terms: readonly RareTerm[]): Record<string, number> {
  return Object.fromEntries(terms.map(({ term, rarity }) => [term, rarity]))
}

/** Vectors of an index in the order of their chunks, page by page. */
export async function readContextVectors(
  database: Database,
  indexId: string,
  afterChunkId: string | null,
  limit: number,
  signal?: AbortSignal,
): Promise<readonly StoredVector[]> {
  signal?.throwIfAborted()
  return database.rows<StoredVector>(
    `select id::text as "chunkId", vector from amx.context_chunks
     where index_id = $1 and id > coalesce($2::bigint, 0) order by id limit $3`,
    [indexId, afterChunkId, limit],
  )
}

/** Chunks by their ids, in that order; those that went meanwhile are left out. */
export async function readContextChunks(
  database: Database,
  chunkIds: readonly string[],
  signal?: AbortSignal,
): Promise<readonly StoredChunk[]> {
  signal?.throwIfAborted()
  return database.rows<StoredChunk>(
    `select c.id::text as "chunkId", c.index_id::text as "indexId", c.path, c.start_line as "startLine",
       c.end_line as "endLine", c.title, c.text, c.provided
     from unnest($1::bigint[]) with ordinality as wanted (id, place) join amx.context_chunks c on c.id = wanted.id
     order by wanted.place`,
    [chunkIds],
  )
}
