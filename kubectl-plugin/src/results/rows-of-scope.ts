import { AmxError, canonicalAssetPath, isWithin, parseAssetPath, type ResultRow, type RunSummary } from '@amx/api'
import { usageError } from '../connection/connection-options.ts'
import type { ServerClient } from '../connection/server-client.ts'
import { allResults } from './all-results.ts'
import { newestRows } from './coverage.ts'
import { storedRun, storedRuns } from './stored-runs.ts'

/** What figures are about: one run, or what all runs over a database found last. */
export interface RowScope {
  readonly run: string | undefined
  readonly database: string | undefined
  readonly within: string | undefined
}

export interface ScopedRows {
  /** In words, such as `run first` or `database prod-pg (3 runs)`. */
  readonly about: string
  readonly rows: readonly ResultRow[]
}

/**
 * Rows of a run, or each asset of a database once, as the newest run that read it says. Throws AMX-1013 when there is no such
 * run, AMX-1011 for an asset path that is none, AMX-1014 for a run and a database at once.
 */
export async function rowsOfScope(server: ServerClient, namespace: string, scope: RowScope): Promise<ScopedRows> {
  const { run, database, within } = scope
  if (run !== undefined && database !== undefined) throw usageError('name a run or --database, not both')
  const ancestor = within === undefined ? [] : parseAssetPath(canonicalAssetPath(within))
  const kept = (rows: readonly ResultRow[]) => rows.filter(({ path }) => isWithin(parseAssetPath(path), ancestor))
  if (database === undefined) {
    const found = await storedRun(server, namespace, run)
    const { rows } = await allResults(server, found, {}, Number.POSITIVE_INFINITY)
    return { about: `run ${found.name}`, rows: kept(rows) }
  }
  const lists: (readonly ResultRow[])[] = []
  for await (const found of storedRuns(server, namespace)) {
    if (!isOnlyAbout(found, database)) continue
    const { rows } = await allResults(server, found, {}, Number.POSITIVE_INFINITY)
    lists.push(rows)
  }
  if (lists.length === 0)
    throw new AmxError('AMX-1013', { what: `a run with drafts over database "${database}" alone` })
  const runs = lists.length === 1 ? '1 run' : `${lists.length} runs`
  return { about: `database ${database} (${runs})`, rows: kept(newestRows(lists)) }
}

/** Of a run over several databases the rows do not say which profile they came by. */
function isOnlyAbout({ databaseProfiles, draftDigest }: RunSummary, database: string): boolean {
  return draftDigest !== null && databaseProfiles.length === 1 && databaseProfiles[0] === database
}
