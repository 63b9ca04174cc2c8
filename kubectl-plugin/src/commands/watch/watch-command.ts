import { parseDurationMs } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import { paintFor } from '../../output/paint.ts'
import { followRun, requireSuccess } from '../../progress/follow-run.ts'
import { nextStep } from '../../progress/next-step.ts'
import { runTotal } from '../../progress/run-total.ts'
import { findRun } from '../latest-run.ts'

interface Options {
  readonly timeout: string
  readonly untilEnd?: boolean
}

/** `watch [RUN]`: follow a run. */
export function watchCommand(io: CommandIO): Command {
  return new Command('watch')
    .description(
      'follow a run until it needs a person or ends (none named: the newest); with --quiet by its status lines alone',
    )
    .argument('[run]', 'name of the run')
    .option('--until-end', 'go on while it waits for a person')
    .option('--timeout <time>', 'longest to wait', '4h')
    .action(withContext(io, body))
}

const body: CommandBody<[string | undefined], Options> = async ({ io, connect }, [name], options) => {
  const timeoutMs = parseDurationMs(options.timeout, '--timeout')
  const connection = await connect()
  const found = await findRun(connection, name)
  if (name === undefined) remark(io, `metadatarun.amx.dev/${found.metadata.name}`)
  const run = await followRun(connection, io, found.metadata.name, {
    timeoutMs,
    until: options.untilEnd ? 'ended' : 'settled',
    events: io.quiet ? 'hide' : 'show',
  })
  print(io, ...runTotal(run, paintFor(io)))
  requireSuccess(run)
  print(io, ...nextStep(run))
}
