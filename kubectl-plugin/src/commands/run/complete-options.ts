import type { Kind } from '@amx/api'
import type { CommandIO } from '../../command-io.ts'
import { remark } from '../../command-io.ts'
import { allCatalogEntries } from '../../connection/catalog-calls.ts'
import type { Connection } from '../../connection/connection.ts'
import { usageError } from '../../connection/connection-options.ts'
import { databaseKeyOf } from '../../connection/database-key.ts'
import { type KubernetesObject, resourcePath } from '../../connection/kubernetes-client.ts'
import { askOne, askScope } from './ask-scope.ts'
import type { RunOptions } from './run-manifest.ts'

/** Options of `run` as the command line gives them: what is not named is asked for on a terminal. */
export interface GivenOptions extends Omit<RunOptions, 'database' | 'llm'> {
  readonly database?: readonly string[]
  readonly llm?: string
  /** Everything the profile sees, without asking. */
  readonly all?: boolean
}

export interface CompleteRun {
  readonly scope: readonly string[]
  readonly options: RunOptions
}

/** The run a command line means where nobody can be asked. Throws AMX-1014 for what is missing. */
export function withoutAsking(scope: readonly string[], options: GivenOptions): CompleteRun {
  const { database, llm } = options
  if (database === undefined || database.length === 0) throw usageError('name the DatabaseProfile with --database')
  if (llm === undefined) throw usageError('name the LLMProfile with --llm')
  return { scope, options: { ...options, database, llm } }
}

/** The run a person means: profiles and scope that the command line leaves open are asked for. */
export async function byAsking(
  io: CommandIO,
  connection: Connection,
  scope: readonly string[],
  options: GivenOptions,
): Promise<CompleteRun> {
  const database = options.database ?? [await profileOf(io, connection, 'DatabaseProfile')]
  const llm = options.llm ?? (await profileOf(io, connection, 'LLMProfile'))
  const complete = { ...options, database, llm }
  const named = scope.length > 0 || options.all || options.filter !== undefined
  if (named || database.length > 1) return { scope, options: complete }
  const entries = await knownEntries(connection, complete)
  if (entries.length === 0) {
    remark(
      io,
      `No run has read ${database.join(', ')} yet: this one covers everything it sees, unless assets are named.`,
    )
    return { scope, options: complete }
  }
  const chosen = await askScope(io, entries)
  const flags = `-d ${database.join(' -d ')} -l ${llm}`
  remark(
    io,
    `The same again:  kubectl amx run ${chosen.length === 0 ? '--all' : chosen.map(quoted).join(' ')} ${flags}`,
  )
  return { scope: chosen, options: complete }
}

/** The one profile there is, or the one a person picks. Throws AMX-1014 where there is none. */
async function profileOf(
  io: CommandIO,
  connection: Connection,
  kind: Kind & ('DatabaseProfile' | 'LLMProfile'),
): Promise<string> {
  const path = resourcePath(kind, connection.namespace)
  const { items } = await connection.kubernetes.get<{
    items: (KubernetesObject & { spec: Record<string, unknown> })[]
  }>(path)
  const choices = items.map(({ metadata, spec }) => ({
    value: metadata.name,
    label: metadata.name,
    hint: [spec['backend'] ?? spec['provider'], spec['model']].filter(Boolean).join(', '),
  }))
  const [first, ...more] = choices
  if (first === undefined) throw usageError(`namespace "${connection.namespace}" has no ${kind}: create one first`)
  return more.length === 0 ? first.value : askOne(io, kind, choices)
}

async function knownEntries(connection: Connection, { database: [profile = ''] }: RunOptions) {
  const database = await databaseKeyOf(connection, profile)
  return allCatalogEntries(await connection.server(), connection.namespace, { database })
}

function quoted(asset: string): string {
  return /^[\w.]+$/.test(asset) ? asset : `'${asset.replaceAll("'", `'\\''`)}'`
}
