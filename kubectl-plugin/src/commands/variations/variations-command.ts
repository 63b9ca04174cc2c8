import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import type { CommandIO } from '../../command-io.ts'
import { type DescendantOptions, variationsManifest } from '../rerun/descendant-manifest.ts'
import { addDescendantOptions } from '../rerun/rerun-command.ts'
import { addCreateOptions, type CreateOptions, createRun } from '../run/create-run.ts'

type Options = DescendantOptions & CreateOptions

/** `variations RUN ASSET N`: more wordings of one alternative, as a new version. */
export function variationsCommand(io: CommandIO): Command {
  const command = new Command('variations')
    .description('make more wordings of one alternative of a draft, as a new version')
    .argument('<run>', 'name of the run')
    .argument('<asset>', 'asset such as sales.customer.email')
    .argument('<alternative>', 'number of the alternative to vary, from 1')
  return addCreateOptions(addDescendantOptions(command)).action(withContext(io, body))
}

const body: CommandBody<[string, string, string], Options> = (context, [run, asset, index], options) =>
  createRun(context, options, (place) => variationsManifest(run, asset, index, options, place))
