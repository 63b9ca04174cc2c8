import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import type { CommandIO } from '../../command-io.ts'
import { collect, usageError } from '../../connection/connection-options.ts'
import { byAsking, type GivenOptions, withoutAsking } from './complete-options.ts'
import { addCreateOptions, type CreateOptions, createRun } from './create-run.ts'
import { runManifest } from './run-manifest.ts'

interface Options extends GivenOptions, CreateOptions {}

/** `run [SCOPE…]`: create a MetadataRun. */
export function runCommand(io: CommandIO): Command {
  const command = new Command('run')
    .description(
      'create a MetadataRun over assets such as sales or catalog.product (none: a terminal asks, elsewhere everything)',
    )
    .argument('[scope...]', 'assets to document, with everything below them')
    .option('-d, --database <profile>', 'DatabaseProfile, or profile/database; can be given several times', collect)
    .option('-l, --llm <profile>', 'LLMProfile')
    .option('--all', 'everything the profile sees; on a terminal no scope is asked for then')
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

const body: CommandBody<[string[]], Options> = async (context, [scope], options) => {
  const { io } = context
  if (options.all && scope.length > 0) throw usageError('--all and named assets exclude each other')
  const asks =
    io.interactive.stdin && io.interactive.stdout && options.dryRun !== 'client' && options.output === 'table'
  const connection = asks ? await context.connect() : null
  const run = connection === null ? withoutAsking(scope, options) : await byAsking(io, connection, scope, options)
  const connect = connection === null ? context.connect : async () => connection
  await createRun({ io, connect }, options, (place) => runManifest(run.scope, run.options, place))
}
