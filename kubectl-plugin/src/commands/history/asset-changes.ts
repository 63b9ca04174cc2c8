import { canonicalAssetPath } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, type CommandContext, withContext } from '../../command.ts'
import { type CommandIO, print, remark, screenWidth } from '../../command-io.ts'
import { counted } from '../../output/figures.ts'
import { type FigureFormat, figureOutputOption, isValueFormat, printValue } from '../../output/output-format.ts'
import { readChanges } from '../../results/read-changes.ts'
import { wholeNumber } from '../../whole-number.ts'
import { auditCSV, auditTable } from '../audit/audit-table.ts'

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

/** Prints the writes to an asset and below it, of all runs, the newest first. What a dry run only showed is no history; `audit` has it. */
export async function showAssetChanges(
  { io, connect }: CommandContext,
  asset: string | undefined,
  options: AssetChangesOptions,
): Promise<void> {
  const limit = wholeNumber(options.limit, '--limit', { atLeast: 1 })
  const query = { dryRun: false, ...(asset !== undefined && { asset: canonicalAssetPath(asset) }) }
  const { namespace, server: reach } = await connect()
  const server = await reach()
  const { changes, more } = await readChanges((place) => server.audit(namespace, { ...query, ...place }), limit)
  if (isValueFormat(options.output)) printValue(io, { changes }, options.output)
  else if (options.output === 'csv') io.stdout.write(auditCSV(changes))
  else if (changes.length === 0) remark(io, `nothing was written${asset === undefined ? '' : ` to ${asset}`}`)
  else print(io, ...auditTable(changes, { headers: options.headers, width: screenWidth(io) }))
  if (more) remark(io, `the first ${counted(changes.length, 'change')}; --limit shows more`)
}
