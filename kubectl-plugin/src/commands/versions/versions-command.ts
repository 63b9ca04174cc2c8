import { canonicalAssetPath, unknownAsset, type VersionRow } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, screenWidth } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'
import { isValueFormat, type OutputFormat, outputOption, printValue } from '../../output/output-format.ts'
import { formatTable } from '../../output/table.ts'
import { allResults } from '../../results/all-results.ts'
import { storedRun } from '../../results/stored-runs.ts'

interface Options {
  readonly output: OutputFormat
  readonly headers: boolean
  readonly target?: string
}

/** `versions RUN ASSET`: every version of one description, across runs. */
export function versionsCommand(io: CommandIO): Command {
  return new Command('versions')
    .description('show every version of the description of an asset, across reruns and variations')
    .argument('<run>', 'name of a run that has the asset')
    .argument('<asset>', 'asset such as sales.customer.email')
    .option('--target <profile>', 'DatabaseProfile, or profile/database, that the asset belongs to')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(outputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string, string], Options> = async ({ io, connect }, [name, asset], options) => {
  const path = canonicalAssetPath(asset)
  const connection = await connect()
  const server = await connection.server()
  const run = await storedRun(server, connection.namespace, name)
  const { rows } = await allResults(server, run, { search: path }, Number.POSITIVE_INFINITY)
  const found = rows.filter(
    (row) => row.path === path && (options.target ?? row.databaseProfile) === row.databaseProfile,
  )
  const [row] = found
  if (row === undefined) throw unknownAsset([path], ` among the results of run "${name}"`)
  if (found.length > 1) {
    const names = found.map(({ databaseProfile }) => databaseProfile).join(', ')
    throw usageError(`${path} exists in ${found.length} databases of the run: give --target, one of ${names}`)
  }
  const list = await server.versions(connection.namespace, run.name, { uid: run.uid, rowId: row.id })
  if (isValueFormat(options.output)) printValue(io, { asset: path, ...list }, options.output)
  else if (options.output === 'name') print(io, ...list.versions.map((version) => version.run.name))
  else print(io, ...versionTable(list.versions, { headers: options.headers, width: screenWidth(io) }))
}

function versionTable(
  versions: readonly VersionRow[],
  { headers, width }: { readonly headers: boolean; readonly width: number | null },
): string[] {
  const heads = ['version', 'run', 'made by', 'of', 'band', 'score', 'state', 'text']
  const numbers = new Map(versions.map(({ rowId, version }) => [rowId, version]))
  const lines = versions.map((row) => [
    `v${row.version}`,
    row.run.name,
    row.run.type,
    originOf(row, numbers),
    row.band ?? '-',
    row.score === null ? '-' : row.score.toFixed(2),
    row.locks ? `${row.state}, locks the others` : (row.applyOutcome ?? row.state),
    row.chosenText ?? row.alternatives.find(({ fallback }) => !fallback)?.text ?? row.status,
  ])
  return formatTable(heads, lines, { noHeaders: !headers, width })
}

function originOf({ parentId, seed }: VersionRow, numbers: ReadonlyMap<string, number>): string {
  if (parentId === null) return '-'
  const parent = `v${numbers.get(parentId) ?? '?'}`
  return seed === null ? parent : `${parent}, alternative ${seed.index}`
}
