import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import type { CommandIO } from '../../command-io.ts'
import { collect } from '../../connection/connection-options.ts'
import { addCreateOptions, type CreateOptions, createRun } from '../run/create-run.ts'
import { type RerunOptions, rerunManifest } from './descendant-manifest.ts'

type Options = RerunOptions & CreateOptions

/** `rerun RUN [ASSET…]`: draft rows of a run again, as new versions. */
export function rerunCommand(io: CommandIO): Command {
  const command = new Command('rerun')
    .description('draft assets of a run again, as new versions; the run itself stays as it is')
    .argument('<run>', 'name of the run')
    .argument('[asset...]', 'assets such as sales.customer.email, each for itself')
    .option(
      '--filter <field=value>',
      'rows that match: minimumConfidence, maximumConfidence, tables, kinds, states; can be given several times',
      collect,
    )
    .option('--all', 'every row of the run')
  return addCreateOptions(addDescendantOptions(command)).action(withContext(io, body))
}

/** Gives a command the options by which a descendant differs from its source. */
export function addDescendantOptions(command: Command): Command {
  return command
    .option('--name <name>', 'name of the new run (default: made of the run and the time)')
    .option('--target <profile>', 'DatabaseProfile, or profile/database, whose assets are meant')
    .option('-l, --llm <profile>', "LLMProfile (default: the run's own)")
    .option('--instructions <text>', 'what the drafter must know besides; added to the instructions of the run')
    .option('--set <field=value>', 'any field of generation, such as generation.temperature=0.6', collect)
}

const body: CommandBody<[string, string[]], Options> = (context, [run, assets], options) =>
  createRun(context, options, (place) => rerunManifest(run, assets, options, place))
