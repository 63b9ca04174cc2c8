import { AmxError, canonicalAssetPath, type MetadataRun, type PreviewTotals } from '@amx/api'
import type { PreviewQuery } from '../../connection/audit-calls.ts'
import type { Connection } from '../../connection/connection.ts'
import { usageError } from '../../connection/connection-options.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import type { WriteScope } from '../../writing/write-manifest.ts'
import { targetOfRun } from '../run/run-manifest.ts'

/** Most databases of one run. */
const mostTargets = 8

/** What an apply is about: a run with assets of it, or assets of the queue. */
export type ApplyArguments =
  | { readonly kind: 'Run'; readonly run: string; readonly assets: readonly string[] }
  | { readonly kind: 'Queue'; readonly within: readonly string[] }

/**
 * What the words of a command line mean: a run, also one that left the cluster, when the first word names one, else assets of the
 * queue. Throws AMX-1011 for a word that is neither.
 */
export async function readArguments(connection: Connection, words: readonly string[]): Promise<ApplyArguments> {
  const [first, ...rest] = words
  if (first === undefined) return { kind: 'Queue', within: [] }
  if (runNames.test(first) && (await isRun(connection, first))) {
    return { kind: 'Run', run: first, assets: rest.map(canonicalAssetPath) }
  }
  return { kind: 'Queue', within: words.map(canonicalAssetPath) }
}

const runNames = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/

async function isRun({ kubernetes, namespace, server }: Connection, name: string): Promise<boolean> {
  try {
    await kubernetes.get<MetadataRun>(resourcePath('MetadataRun', namespace, name))
    return true
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  try {
    await (await server()).run(namespace, name)
    return true
  } catch (error) {
    if (!isNotFound(error)) throw error
    return false
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof AmxError && error.code === 'AMX-1013'
}

/** The query of the preview that shows what an apply is about. */
export function previewQuery(given: ApplyArguments, database: string | undefined): PreviewQuery {
  const target = database === undefined ? {} : { target: database }
  if (given.kind === 'Run') return { run: given.run, asset: given.assets, ...target }
  return { within: given.within, ...target }
}

/** What the run of an apply is about; the databases are the one named, else those that have rows. Throws AMX-1014 for too many. */
export function writeScope(
  given: ApplyArguments,
  database: string | undefined,
  totals: PreviewTotals | null,
): WriteScope {
  if (given.kind === 'Run') {
    const { run, assets } = given
    return { kind: 'Run', run, assets, ...(database !== undefined && { target: database }) }
  }
  const scope = given.within.length > 0 ? { scope: { include: [...given.within] } } : {}
  if (database !== undefined) return { kind: 'Queue', targets: [{ ...targetOfRun(database), ...scope }] }
  const databases = totals?.databases ?? []
  if (databases.length > mostTargets) {
    throw usageError(`rows of ${databases.length} databases are queued: name one with --database`)
  }
  const targets = databases.map((one) => ({
    databaseProfileRef: { name: one.databaseProfile },
    ...(one.database !== null && { database: one.database }),
    ...scope,
  }))
  return { kind: 'Queue', targets }
}
