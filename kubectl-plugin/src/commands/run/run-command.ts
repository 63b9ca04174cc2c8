import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import type { CommandIO } from '../../command-io.ts'
import { collect } from '../../connection/connection-options.ts'
import { addCreateOptions, type CreateOptions, createRun } from './create-run.ts'
import { type RunOptions, runManifest } from './run-manifest.ts'

interface Options extends RunOptions, CreateOptions {}

/** `run [SCOPE…]`: create a MetadataRun. */
export function runCommand(io: CommandIO): Command {
  const command = new Command('run')
    .description('create a MetadataRun over assets such as sales or catalog.product (none: everything)')
    .argument('[scope...]', 'assets to document, with everything below them')
    .requiredOption(
      '-d, --database <profile>',
      'DatabaseProfile, or profile/database; can be given several times',
      collect,
    )
    .requiredOption('-l, --llm <profile>', 'LLMProfile')
    .option('--name <name>', 'name of the run (default: made of the profile and the time)')
    .option('--exclude <asset>', 'leave this out; can be given several times', collect)
    .option('--filter <pattern>', 'RE2 pattern the bare table name must match')
    .option('--limit <n>', 'most tables')
    .option('--missing-only', 'only assets without a comment')
    .addOption(new Option('--review <strategy>', 'who decides').choices(['manual', 'auto']))
    .addOption(new Option('--accept <what>', 'what --review auto accepts (default: high)').choices(['high', 'all']))
    .option('--apply', 'write what is accepted')
    .option('--replace', 'automatic acceptance replaces comments that are there')
    .option('--write-nothing', 'show the statements of the apply and write nothing')
    .option('--budget <dollars>', 'most the run may cost')
    .option('--instructions <text>', 'what the drafter must know besides')
    .option('--set <field=value>', 'any field of generation, such as generation.alternatives=5', collect)
  return addCreateOptions(command).action(withContext(io, body))
}

const body: CommandBody<[string[]], Options> = (context, [scope], options) =>
  createRun(context, options, (place) => runManifest(scope, options, place))
