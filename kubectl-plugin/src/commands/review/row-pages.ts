import { AmxError, type ResultRow } from '@amx/api'
import type { ServerClient } from '../../connection/server-client.ts'
import type { RowQuery, RunKey } from '../../results/all-results.ts'

export interface ReviewPage {
  readonly rows: readonly ResultRow[]
  /** Rows of all pages. */
  readonly total: number
  readonly draftDigest: string | null
}

/** The first page is small, because somebody waits for it; the others are read while the first is looked at. */
const firstPage = 200
const laterPages = 1_000

/** Rows of a run page by page. Throws AMX-1007 when the drafts change in between. */
export async function* rowPages(
  server: ServerClient,
  { namespace, name, uid }: RunKey,
  query: RowQuery,
): AsyncGenerator<ReviewPage> {
  let digest: string | null | undefined
  let after: string | null = null
  do {
    const limit: number = after === null ? firstPage : laterPages
    const page = await server.results(namespace, name, { ...query, uid, limit, ...(after !== null && { after }) })
    if (digest !== undefined && page.draftDigest !== digest) {
      throw new AmxError('AMX-1007', { given: digest ?? 'none', current: page.draftDigest ?? 'none' })
    }
    digest = page.draftDigest
    yield page
    after = page.next
  } while (after !== null)
}
