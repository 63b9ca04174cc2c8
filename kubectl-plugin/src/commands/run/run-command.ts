import { apiVersion, type MetadataRun, parseDurationMs } from '@amx/api'
import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print } from '../../command-io.ts'
import { collect, usageError } from '../../connection/connection-options.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import { type OutputFormat, outputOption, printObject } from '../../output/output-format.ts'
import { followRun, requireSuccess } from '../../progress/follow-run.ts'
import { nextStep } from '../../progress/next-step.ts'
import { type RunOptions, runManifest } from './run-manifest.ts'

interface Options extends RunOptions {
  readonly output: OutputFormat
  readonly dryRun: 'none' | 'client' | 'server'
  readonly watch?: boolean
  readonly timeout: string
  readonly namespace?: string
}

/** `run [SCOPE…]`: create a MetadataRun. */
export function runCommand(io: CommandIO): Command {
  return new Command('run')
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
    .addOption(new Option('--dry-run <where>', 'create nothing').choices(['none', 'client', 'server']).default('none'))
    .option('-w, --watch', 'follow the run')
    .option('--timeout <time>', 'longest --watch waits', '4h')
    .addOption(outputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string[]], Options> = async ({ io, connect }, [scope], options) => {
  const timeoutMs = parseDurationMs(options.timeout, '--timeout')
  if (options.watch && options.dryRun !== 'none') throw usageError('--watch has nothing to follow with --dry-run')
  if (options.watch && options.output !== 'table') throw usageError('--watch prints progress: leave out -o')
  if (options.dryRun === 'client') {
    const manifest = runManifest(scope, options, { namespace: options.namespace ?? null, now: io.now() })
    printObject(io, manifest as unknown as MetadataRun, options.output, 'created (dry run)')
    return
  }
  const connection = await connect()
  const manifest = runManifest(scope, options, { namespace: connection.namespace, now: io.now() })
  const query = options.dryRun === 'server' ? '?dryRun=All&fieldValidation=Strict' : '?fieldValidation=Strict'
  const created = await connection.kubernetes.create<MetadataRun>(
    `${resourcePath('MetadataRun', connection.namespace)}${query}`,
    manifest,
  )
  printObject(
    io,
    { ...created, apiVersion, kind: 'MetadataRun' },
    options.output,
    options.dryRun === 'server' ? 'created (server dry run)' : 'created',
  )
  if (!options.watch) return
  const run = await followRun(connection, io, created.metadata.name, { timeoutMs, until: 'settled', events: 'show' })
  requireSuccess(run)
  print(io, ...nextStep(run))
}
