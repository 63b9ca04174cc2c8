import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import type { CommandIO } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'
import { byAsking, type GivenOptions, withoutAsking } from './complete-options.ts'
import { addCreateOptions, type CreateOptions, createRun } from './create-run.ts'
import { runManifest } from './run-manifest.ts'
import { addRunSpecOptions } from './run-spec-options.ts'

interface Options extends GivenOptions, CreateOptions {}

/** `run [SCOPE…]`: create a MetadataRun. */
export function runCommand(io: CommandIO): Command {
  const command = new Command('run')
    .description(
      'create a MetadataRun over assets such as sales or catalog.product (none: a terminal asks, elsewhere everything)',
    )
    .argument('[scope...]', 'assets to document, with everything below them')
    .option('--name <name>', 'name of the run (default: made of the profile and the time)')
  return addCreateOptions(addRunSpecOptions(command)).action(withContext(io, body))
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
