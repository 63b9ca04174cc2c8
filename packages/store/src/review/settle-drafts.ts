import { createHash } from 'node:crypto'
import { AmxError, canonicalJson } from '@amx/api'
import type { Database, Queryable } from '../database.ts'
import { recordEvents } from '../history/record-events.ts'
import { announceRun } from '../topics.ts'

const rowsPerRead = 5_000

/**
 * Freezes the drafts of a run: SHA-256 over the canonical JSON of `[path, kind, texts of the alternatives]` of every drafted
 * row, in the order of target and path. Called again it gives the same. Throws AMX-1013 when the run is not known.
 */
export async function settleDrafts(
  database: Database,
  uid: string,
  signal?: AbortSignal,
): Promise<{ readonly digest: string; readonly rows: number }> {
  return database.transaction(async (tx) => {
    const [run] = await tx.rows<{ draft_digest: string | null; draft_rows: number | null }>(
      'select draft_digest, draft_rows from amx.runs where uid = $1 for no key update',
      [uid],
    )
    if (run === undefined) throw new AmxError('AMX-1013', { what: `run ${uid}` })
    if (run.draft_digest !== null) return { digest: run.draft_digest, rows: run.draft_rows ?? 0 }
    const settled = await digestDrafts(tx, uid, signal)
    await tx.rows('update amx.runs set draft_digest = $2, draft_rows = $3 where uid = $1', [
      uid,
      settled.digest,
      settled.rows,
    ])
    await recordEvents(tx, uid, [{ type: 'Drafted', data: settled }])
    await announceRun(tx, uid)
    return settled
  }, signal)
}

interface DraftedRow {
  readonly target_index: number
  readonly path: string
  readonly kind: string
  readonly texts: readonly string[]
}

async function digestDrafts(
  tx: Queryable,
  uid: string,
  signal: AbortSignal | undefined,
): Promise<{ digest: string; rows: number }> {
  const hash = createHash('sha256').update('[')
  let rows = 0
  let after: readonly [number, string] = [-1, '']
  for (;;) {
    signal?.throwIfAborted()
    const page: DraftedRow[] = await tx.rows<DraftedRow>(
      `select a.target_index, a.path, a.kind,
         array(select alternative ->> 'text' from jsonb_array_elements(d.alternatives) with ordinality as t (alternative, place)
           order by place) as texts
       from amx.assets a join amx.drafts d on d.asset_id = a.id
       where a.run_uid = $1 and a.status = 'Drafted' and (a.target_index, a.path) > ($2, $3)
       order by a.target_index, a.path limit ${rowsPerRead}`,
      [uid, ...after],
    )
    for (const { path, kind, texts } of page) {
      hash.update(`${rows === 0 ? '' : ','}${canonicalJson([path, kind, texts])}`)
      rows += 1
    }
    const last = page.at(-1)
    if (last === undefined || page.length < rowsPerRead) break
    after = [last.target_index, last.path]
  }
  return { digest: `sha256:${hash.update(']').digest('hex')}`, rows }
}
