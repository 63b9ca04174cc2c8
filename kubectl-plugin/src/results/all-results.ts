import { AmxError, type ResultRow } from '@amx/api'
import type { ResultQuery } from '../connection/result-calls.ts'
import type { ServerClient } from '../connection/server-client.ts'

export interface Results {
  readonly draftDigest: string | null
  /** Rows that match, also those beyond the limit. */
  readonly total: number
  readonly rows: readonly ResultRow[]
}

/** A run as the server knows it. */
export interface RunKey {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** Which rows, in which order. */
export type RowQuery = Omit<ResultQuery, 'uid' | 'limit' | 'after'>

const pageSize = 500

/** Rows of a run page by page, at most `limit`. Throws AMX-1007 when the drafts change in between. */
export async function allResults(server: ServerClient, run: RunKey, wanted: RowQuery, limit: number): Promise<Results> {
  const { name, namespace, uid } = run
  const rows: ResultRow[] = []
  let after: string | null = null
  let first: { draftDigest: string | null; total: number } | null = null
  do {
    const query: ResultQuery = {
      ...wanted,
      uid,
      limit: Math.min(pageSize, limit - rows.length),
      ...(after !== null && { after }),
    }
    const page = await server.results(namespace, name, query)
    first ??= { draftDigest: page.draftDigest, total: page.total }
    if (page.draftDigest !== first.draftDigest) {
      throw new AmxError('AMX-1007', { given: first.draftDigest ?? 'none', current: page.draftDigest ?? 'none' })
    }
    rows.push(...page.rows)
    after = page.next
  } while (after !== null && rows.length < limit)
  return { ...first, rows }
}
