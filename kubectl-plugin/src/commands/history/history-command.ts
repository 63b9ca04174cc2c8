import { canonicalAssetPath, isWithin, parseAssetPath } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'
import { type FigureFormat, figureOutputOption, isValueFormat, printValue } from '../../output/output-format.ts'
import { changesCSV, changeTable, type RunChange } from '../../results/change-table.ts'
import { allChanges, hasChanges, storedRuns } from '../../results/stored-runs.ts'

interface Options {
  readonly limit: string
  readonly headers: boolean
  readonly output: FigureFormat
}

/** `history [ASSET]`: what was written, the newest first. */
export function historyCommand(io: CommandIO): Command {
  return new Command('history')
    .description('show what was written to an asset and below it, or to everything, by all runs, the newest first')
    .argument('[asset]', 'asset such as sales.customer')
    .option('--limit <n>', 'most changes', '100')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(figureOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string | undefined], Options> = async ({ io, connect }, [asset], options) => {
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1) throw usageError(`--limit ${options.limit}: write a whole number`)
  const ancestor = asset === undefined ? [] : parseAssetPath(canonicalAssetPath(asset))
  const { namespace, server: reach } = await connect()
  const server = await reach()
  const found: RunChange[] = []
  for await (const run of storedRuns(server, namespace)) {
    if (!hasChanges(run)) continue
    // Runs come by when they began. One that began earlier may have written later, so all of them are read before the cut.
    for (const change of await allChanges(server, run)) {
      // What a dry run only showed is no history of the asset; `audit` has it.
      if (!change.dryRun && isWithin(parseAssetPath(change.path), ancestor)) found.push({ run: run.name, ...change })
    }
  }
  found.sort((one, other) => other.appliedAt.localeCompare(one.appliedAt))
  const changes = found.slice(0, limit)
  if (isValueFormat(options.output)) printValue(io, { total: found.length, changes }, options.output)
  else if (options.output === 'csv') io.stdout.write(changesCSV(changes))
  else if (changes.length === 0) remark(io, `nothing was written${asset === undefined ? '' : ` to ${asset}`}`)
  else print(io, ...changeTable(changes, options.headers))
  if (found.length > changes.length) remark(io, `${changes.length} of ${found.length} changes; --limit shows more`)
}
