import { apiVersion, canonicalAssetPath, originLabel } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import type { CommandIO } from '../../command-io.ts'
import { collect } from '../../connection/connection-options.ts'
import { addCreateOptions, type CreateOptions, createRun, type RunManifest, type RunPlace } from '../run/create-run.ts'
import { runName, targetOfRun } from '../run/run-manifest.ts'

interface RefreshOptions {
  readonly database: readonly string[]
  readonly name?: string
}

/** `catalog refresh [SCOPE…]`: a run that only reads the catalog. */
export function refreshCommand(io: CommandIO): Command {
  const command = new Command('refresh')
    .description('read the catalog of a database again: no data is scanned, no model is asked, nothing is drafted')
    .argument('[scope...]', 'schemas or tables (none: everything, and what is gone is forgotten)')
    .requiredOption(
      '-d, --database <profile>',
      'DatabaseProfile, or profile/database; can be given several times',
      collect,
    )
    .option('--name <name>', 'name of the run (default: made of the profile and the time)')
  return addCreateOptions(command).action(withContext(io, body))
}

const body: CommandBody<[string[]], RefreshOptions & CreateOptions> = (context, [scope], options) =>
  createRun(context, options, (place) => refreshManifest(scope, options, place))

/** The run that a command line asks for. Pure; throws AMX-1011 for an asset it cannot read. */
export function refreshManifest(
  scope: readonly string[],
  { database, name }: RefreshOptions,
  { namespace, now }: RunPlace,
): RunManifest {
  const [profile = ''] = (database[0] ?? '').split('/')
  const include = scope.map(canonicalAssetPath)
  return {
    apiVersion,
    kind: 'MetadataRun',
    metadata: {
      name: name ?? runName(`${profile.slice(0, 30)}-refresh`, now),
      ...(namespace !== null && { namespace }),
      labels: { [originLabel]: 'plugin' },
    },
    spec: {
      type: 'Refresh',
      targets: database.map((one) => ({ ...targetOfRun(one), ...(include.length > 0 && { scope: { include } }) })),
    },
  }
}
