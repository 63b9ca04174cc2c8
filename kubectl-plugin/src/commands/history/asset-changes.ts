import { canonicalAssetPath, isWithin, parseAssetPath } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, type CommandContext, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import { type FigureFormat, figureOutputOption, isValueFormat, printValue } from '../../output/output-format.ts'
import { changesCSV, changeTable, type RunChange } from '../../results/change-table.ts'
import { allChanges, hasChanges, storedRuns } from '../../results/stored-runs.ts'
import { wholeNumber } from '../../whole-number.ts'

export interface AssetChangesOptions {
  readonly limit: string
  readonly headers: boolean
  readonly output: FigureFormat
}

/** `history asset [ASSET]`: what was written, the newest first. */
export function assetChangesCommand(io: CommandIO): Command {
  const body: CommandBody<[string | undefined], AssetChangesOptions> = (context, [asset], options) =>
    showAssetChanges(context, asset, options)
  return new Command('asset')
    .description('show what was written to an asset and below it, or to everything, by all runs, the newest first')
    .argument('[asset]', 'asset such as sales.customer')
    .option('--limit <n>', 'most changes', '100')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(figureOutputOption())
    .action(withContext(io, body))
}

/** Prints the writes to an asset and below it, of all runs, the newest first. */
export async function showAssetChanges(
  { io, connect }: CommandContext,
  asset: string | undefined,
  options: AssetChangesOptions,
): Promise<void> {
  const limit = wholeNumber(options.limit, '--limit', { atLeast: 1 })
  const ancestor = asset === undefined ? [] : parseAssetPath(canonicalAssetPath(asset))
  const { namespace, server: reach } = await connect()
  const server = await reach()
  const found: RunChange[] = []
  for await (const run of storedRuns(server, namespace)) {
    if (!hasChanges(run)) continue
    // Runs come by when they began. One that began earlier may have written later, so all of them are read before the cut.
    for (const change of await allChanges(server, run)) {
      // What a dry run only showed is no history of the asset; `audit` has it.
      if (!change.dryRun && isWithin(parseAssetPath(change.path), ancestor)) found.push({ ...change, run: run.name })
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
