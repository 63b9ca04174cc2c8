import { type ContextKind, contextKinds, type FoundChunk, toAmxError } from '@amx/api'
import { type EvidenceSubject, evidenceSubject } from '../confidence/evidence-subject.ts'
import type { BatchAsset } from '../draft-row.ts'
import type { DraftBatchRequest } from '../drafting.ts'
import { contextLimits } from './context-limits.ts'
import { contextQuery } from './context-query.ts'
import type { ContextSearch } from './context-search.ts'
import { type Excerpt, selectExcerpts } from './excerpt.ts'

/** What documents and code were found to say about a batch. */
export interface FoundContext {
  /** Excerpts for the agent of each kind; empty where nothing found has to do with the batch. */
  readonly excerpts: Readonly<Record<ContextKind, readonly Excerpt[]>>
  /** Everything that was found, relevant or not: descriptions provided in it are matched by name. */
  readonly chunks: readonly FoundChunk[]
  /** Why a search did not answer, for every row of the batch. */
  readonly warnings: readonly string[]
}

/** Longest time a search may take; drafting goes on without it. */
const searchTimeoutMs = 20_000
const queriesPerSearch = 50

/**
 * Searches documents and code for the table and the columns of a batch. A search that fails is told by a warning and costs the
 * batch nothing else. Throws only the signal's reason.
 */
export async function findContext(
  { context, profile, generation, columns, includeTable }: DraftBatchRequest,
  signal: AbortSignal,
): Promise<FoundContext> {
  if (context === undefined) return { excerpts: { Documents: [], Code: [] }, chunks: [], warnings: [] }
  const limits = contextLimits[generation.promptDetail]
  const table = evidenceSubject(profile, null)
  const ofColumns = columns
    .map((name) => [name, evidenceSubject(profile, name)] as const)
    .filter(([, { facts }]) => facts !== null)
  const subjects = new Map<BatchAsset, EvidenceSubject>([
    ...(includeTable ? [[null, table] as const] : []),
    ...ofColumns,
  ])
  const tableQueries = [contextQuery(table)]
  const columnQueries = limits.perColumn === 0 ? [] : ofColumns.map(([, subject]) => contextQuery(subject))

  async function searched(kind: ContextKind, search: ContextSearch) {
    try {
      const [ofTable, ...rest] = await Promise.all([
        searchInParts(search, kind, tableQueries, limits.perTable, signal),
        searchInParts(search, kind, columnQueries, limits.perColumn, signal),
      ])
      return { kind, chunks: [...ofTable, ...rest.flat()], warnings: [] }
    } catch (thrown) {
      signal.throwIfAborted()
      const { code, message } = toAmxError(thrown)
      const what = kind === 'Documents' ? 'documents' : 'code'
      return { kind, chunks: [], warnings: [`drafted without ${what}: their search failed (${code}: ${message})`] }
    }
  }

  const answers = await Promise.all(contextKinds.map((kind) => searched(kind, context)))
  const chunksOf = (kind: ContextKind) => answers.find((answer) => answer.kind === kind)?.chunks ?? []
  const excerptsOf = (kind: ContextKind) => selectExcerpts(kind, chunksOf(kind), subjects, limits)
  return {
    excerpts: { Documents: excerptsOf('Documents'), Code: excerptsOf('Code') },
    chunks: answers.flatMap(({ chunks }) => chunks),
    warnings: answers.flatMap(({ warnings }) => warnings),
  }
}

async function searchInParts(
  search: ContextSearch,
  kind: ContextKind,
  queries: readonly string[],
  limit: number,
  signal: AbortSignal,
): Promise<FoundChunk[]> {
  const found: FoundChunk[] = []
  for (let start = 0; start < queries.length; start += queriesPerSearch) {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(searchTimeoutMs)])
    const part = queries.slice(start, start + queriesPerSearch)
    found.push(...(await search(kind, part, limit, limited)).flat())
  }
  return found
}
