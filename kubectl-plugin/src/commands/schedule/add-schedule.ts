import { apiVersion, type MetadataSchedule } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import { createdWords, createQuery, type DryRun, dryRunOption } from '../../dry-run.ts'
import { type OutputFormat, outputOption, printObject } from '../../output/output-format.ts'
import { byAsking, type GivenOptions, withoutAsking } from '../run/complete-options.ts'
import { addRunSpecOptions } from '../run/run-spec-options.ts'
import { askWhen } from './ask-when.ts'
import { remarkOnFiring } from './operator-firing.ts'
import { addWhenOptions, scheduleManifest, type WhenOptions } from './schedule-manifest.ts'
import { headsUp } from './schedule-words.ts'

interface Options extends GivenOptions, WhenOptions {
  readonly suspend?: boolean
  readonly output: OutputFormat
  readonly dryRun: DryRun
  readonly namespace?: string
}

/** `schedule add [SCOPE…]`: create a MetadataSchedule. */
export function addCommand(io: CommandIO): Command {
  const command = new Command('add')
    .description('create a MetadataSchedule; a terminal asks for what is missing')
    .argument('[scope...]', 'assets its runs document, with everything below them (none: everything)')
    .option('--name <name>', 'name of the schedule')
  return addRunSpecOptions(addWhenOptions(command))
    .option('--suspend', 'begin paused')
    .addOption(
      dryRunOption({ bare: 'client', says: 'create nothing: client prints the schedule, server has it checked' }),
    )
    .addOption(outputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string[]], Options> = async ({ io, connect }, [scope], options) => {
  if (options.all && scope.length > 0) throw usageError('--all and named assets exclude each other')
  const { dryRun, output } = options
  const asks = io.interactive.stdin && io.interactive.stdout && dryRun !== 'client' && output === 'table'
  const asked = asks ? await connect() : null
  const run = asked === null ? withoutAsking(scope, options) : await byAsking(io, asked, scope, options)
  const when = asked === null ? options : await askWhen(io, options)
  const { name } = when
  if (name === undefined) throw usageError('name the schedule with --name')
  const manifestIn = (namespace: string | null) =>
    scheduleManifest(
      run.scope,
      { ...run.options, ...when, database: run.options.database, llm: run.options.llm, name },
      {
        namespace,
        now: io.now(),
      },
    )
  if (dryRun === 'client') {
    const manifest = manifestIn(options.namespace ?? null)
    printObject(io, manifest as unknown as MetadataSchedule, output, createdWords('client'))
    if (output === 'table') print(io, ...headsUp(manifest.spec, io.now()))
    return
  }
  const connection = asked ?? (await connect())
  const manifest = manifestIn(connection.namespace)
  const path = `${resourcePath('MetadataSchedule', connection.namespace)}${createQuery(dryRun)}`
  const created = await connection.kubernetes.create<MetadataSchedule>(path, manifest)
  printObject(io, { ...created, apiVersion, kind: 'MetadataSchedule' }, output, createdWords(dryRun))
  if (output === 'table') print(io, ...headsUp(manifest.spec, io.now()))
  if (dryRun === 'none') await remarkOnFiring(connection, io)
}
