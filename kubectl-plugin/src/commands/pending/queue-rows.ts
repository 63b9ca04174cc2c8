import { AmxError, canonicalAssetPath, type QueueFilter, type QueueRow, queueStates } from '@amx/api'
import { type Command, Option } from 'commander'
import type { Connection } from '../../connection/connection.ts'
import { collect, usageError } from '../../connection/connection-options.ts'

const pageSize = 1_000

export interface QueueFilterOptions {
  readonly run?: string
  readonly target?: readonly string[]
  readonly state?: QueueRow['state']
  readonly table?: readonly string[]
  readonly decidedBy?: readonly string[]
  readonly search?: string
}

/** Gives a command the flags that choose entries of the queue. */
export function addQueueFilters(command: Command): Command {
  return command
    .option('--run <name>', 'texts that were accepted in this run')
    .option(
      '--target <profile>',
      'texts for this DatabaseProfile, or profile/database; can be given several times',
      collect,
    )
    .addOption(new Option('--state <state>', 'texts that stand so').choices(queueStates))
    .option('--table <asset>', 'texts of this table and its columns; can be given several times', collect)
    .option('--decided-by <user>', 'texts that this person accepted; can be given several times', collect)
    .option('--search <text>', 'texts whose asset or words contain this')
}

/** The queue's filter that flags mean; a run is named by its uid there. Throws AMX-1013 for a run the server does not know. */
export async function queueFilterOf(
  { namespace, server: reach }: Connection,
  { run, target, state, table, decidedBy, search }: QueueFilterOptions,
): Promise<QueueFilter> {
  return {
    ...(run !== undefined && { runUid: (await (await reach()).run(namespace, run)).uid }),
    ...(target !== undefined && { target }),
    ...(state !== undefined && { state: [state] }),
    ...(table !== undefined && { table: table.map(canonicalAssetPath) }),
    ...(decidedBy !== undefined && { decidedBy }),
    ...(search !== undefined && { search }),
  }
}

/** Entries of the queue over all pages, at most `limit`, with the number of all that match. */
export async function queueRows(
  { namespace, server: reach }: Connection,
  filter: QueueFilter,
  limit: number,
): Promise<{ readonly rows: readonly QueueRow[]; readonly more: boolean }> {
  const server = await reach()
  const rows: QueueRow[] = []
  let after: string | null = null
  do {
    const wanted = Math.min(pageSize, limit - rows.length)
    const page = await server.queue(namespace, { ...filter, limit: wanted, ...(after !== null && { after }) })
    rows.push(...page.rows)
    after = page.next
  } while (after !== null && rows.length < limit)
  return { rows, more: after !== null }
}

/**
 * The entries that assets, or ids, mean, in their order. Throws AMX-1013 for one that nothing waits for, AMX-1014 for an asset of
 * several databases.
 */
export async function namedRows(
  connection: Connection,
  names: readonly string[],
  filter: QueueFilter,
): Promise<readonly QueueRow[]> {
  const { rows } = await queueRows(connection, filter, Number.POSITIVE_INFINITY)
  return names.map((name) => {
    const path = /^\d+$/.test(name) ? null : canonicalAssetPath(name)
    const found = rows.filter((row) => (path === null ? row.id === name : row.path === path))
    const [row, ...others] = found
    if (row === undefined) throw new AmxError('AMX-1013', { what: `a text of ${name} in the queue` })
    if (others.length > 0) {
      const places = found.map(({ databaseProfile, target }) => databaseProfile ?? target).join(', ')
      throw usageError(`${name} waits in ${found.length} databases (${places}): name one with --target`)
    }
    return row
  })
}
