import {
  AmxError,
  type CatalogEntry,
  canonicalAssetPath,
  isWithin,
  type NewestRow,
  type NewestRowFilter,
  parseAssetPath,
  type ResultRow,
  type RunSummary,
} from '@amx/api'
import { pagesOf } from '../connection/pages-of.ts'
import type { ServerClient } from '../connection/server-client.ts'
import { counted } from '../output/figures.ts'
import { allResults } from './all-results.ts'
import { storedRun } from './stored-runs.ts'
import { withCatalog } from './with-catalog.ts'

/** Which rows are meant: those of one run, or each asset once, as the newest run says that has it. */
export interface RowScope {
  /** A run, or assets with everything below them. None: with a database all of it, else the newest run with drafts. */
  readonly names: readonly string[]
  readonly database: string | undefined
  readonly within: string | undefined
  /** Rows that count: of an asset that several runs have, the newest row that counts is taken. */
  readonly filter?: Pick<NewestRowFilter, 'state' | 'applyOutcome'>
  /** What is known of the database: then everything in it counts, drafted or not, with the comments that are there now. */
  readonly catalogOf?: (targets: readonly string[]) => Promise<readonly CatalogEntry[]>
}

export interface ScopedRows {
  /** In words, such as `run first` or `database prod-pg (3 runs)`. */
  readonly about: string
  readonly rows: readonly ResultRow[]
}

/**
 * Rows of a run, or of assets over all runs of the namespace. A single name is a run where there is one of that name, else an asset.
 * Throws AMX-1013 when there is neither, AMX-1011 for an asset path that is none.
 */
export async function rowsOfScope(server: ServerClient, namespace: string, scope: RowScope): Promise<ScopedRows> {
  const { names, database, filter = {} } = scope
  const within = scope.within === undefined ? [] : parseAssetPath(canonicalAssetPath(scope.within))
  const isWanted = ({ path }: ResultRow) => isWithin(parseAssetPath(path), within)
  const run = database === undefined ? await namedRun(server, namespace, names) : null
  if (run !== null) {
    const { rows } = await allResults(server, run, filter, Number.POSITIVE_INFINITY)
    return { about: `run ${run.name}`, rows: rows.filter(isWanted) }
  }
  const query = {
    ...filter,
    ...(database !== undefined && { database }),
    ...(names.length > 0 && { within: names.map((name) => canonicalAssetPath(name)) }),
  }
  const newest: NewestRow[] = []
  for await (const { rows } of pagesOf((place) => server.newestRows(namespace, { ...query, ...place }))) {
    newest.push(...rows)
  }
  const targets = [...new Set(newest.map(({ target }) => target))]
  const catalog = (await scope.catalogOf?.(targets)) ?? []
  if (newest.length + catalog.length === 0) throw new AmxError('AMX-1013', { what: missing(names, database) })
  const { size } = new Set(newest.map(({ run: { uid } }) => uid))
  const about = [names.join(', '), database === undefined ? '' : `database ${database}`].filter(Boolean).join(' of ')
  const assets = names.map((name) => parseAssetPath(canonicalAssetPath(name)))
  const rows = catalog.length === 0 ? newest : withCatalog(newest, catalog, assets)
  return { about: `${about} (${counted(size, 'run')})`, rows: rows.filter(isWanted) }
}

/** The run that is meant; null where assets are. */
async function namedRun(server: ServerClient, namespace: string, names: readonly string[]): Promise<RunSummary | null> {
  if (names.length > 1) return null
  try {
    return await storedRun(server, namespace, names[0])
  } catch (error) {
    if (names.length === 1 && error instanceof AmxError && error.code === 'AMX-1013') return null
    throw error
  }
}

function missing(names: readonly string[], database: string | undefined): string {
  const over = database === undefined ? '' : ` over database "${database}"`
  if (names.length === 0) return `a run with drafts${over}`
  if (names.length === 1 && database === undefined) return `a run or an asset "${names[0]}"`
  return `a run with drafts of ${names.join(', ')}${over}`
}
