import { Command } from 'commander'
import type { CommandIO } from '../../command-io.ts'
import { assetChangesCommand } from './asset-changes.ts'
import { listRunsCommand } from './list-runs.ts'
import { runEventsCommand } from './run-events.ts'
import { runResultsCommand } from './run-results.ts'
import { runStatisticsCommand } from './run-statistics.ts'
import { showRunCommand } from './show-run.ts'

/** `history`: what runs did, also those that left the cluster. Alone it lists them; with an asset it tells what was written to it. */
export function historyCommand(io: CommandIO): Command {
  return new Command('history')
    .description('look back over runs, also those whose objects were deleted from the cluster')
    .addCommand(listRunsCommand(io), { isDefault: true })
    .addCommand(showRunCommand(io))
    .addCommand(runResultsCommand(io))
    .addCommand(runEventsCommand(io))
    .addCommand(runStatisticsCommand(io))
    .addCommand(assetChangesCommand(io))
}
