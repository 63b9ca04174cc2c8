import { type AmxManifest, apiVersion, type MetadataRun, type MetadataRunSpec, parseDurationMs } from '@amx/api'
import type { Command } from 'commander'
import type { CommandContext } from '../../command.ts'
import { print } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import { createdWords, createQuery, type DryRun, dryRunOption } from '../../dry-run.ts'
import { type OutputFormat, outputOption, printObject } from '../../output/output-format.ts'
import { paintFor } from '../../output/paint.ts'
import { followRun, requireSuccess } from '../../progress/follow-run.ts'
import { nextStep } from '../../progress/next-step.ts'
import { runTotal } from '../../progress/run-total.ts'

/** Options of every command that creates a run. */
export interface CreateOptions {
  readonly output: OutputFormat
  readonly dryRun: DryRun
  readonly watch?: boolean
  readonly timeout: string
  readonly namespace?: string
}

export type RunManifest = AmxManifest<'MetadataRun', MetadataRunSpec>

/** Where and when a run is made. */
export interface RunPlace {
  readonly namespace: string | null
  readonly now: Date
}

/** Gives a command the options by which a run is created and followed. */
export function addCreateOptions(command: Command): Command {
  return command
    .addOption(dryRunOption({ bare: 'client', says: 'create nothing: client prints the run, server has it checked' }))
    .option('-w, --watch', 'follow the run')
    .option('--timeout <time>', 'longest --watch waits', '4h')
    .addOption(outputOption())
}

/** Creates the run that `manifestOf` gives, or prints it, and follows it with --watch. */
export async function createRun(
  { io, connect }: CommandContext,
  options: CreateOptions,
  manifestOf: (place: RunPlace) => RunManifest,
): Promise<void> {
  const timeoutMs = parseDurationMs(options.timeout, '--timeout')
  if (options.watch && options.dryRun !== 'none') throw usageError('--watch has nothing to follow with --dry-run')
  if (options.watch && options.output !== 'table') throw usageError('--watch prints progress: leave out -o')
  if (options.dryRun === 'client') {
    const manifest = manifestOf({ namespace: options.namespace ?? null, now: io.now() })
    printObject(io, manifest as unknown as MetadataRun, options.output, createdWords('client'))
    return
  }
  const connection = await connect()
  const manifest = manifestOf({ namespace: connection.namespace, now: io.now() })
  const created = await connection.kubernetes.create<MetadataRun>(
    `${resourcePath('MetadataRun', connection.namespace)}${createQuery(options.dryRun)}`,
    manifest,
  )
  printObject(io, { ...created, apiVersion, kind: 'MetadataRun' }, options.output, createdWords(options.dryRun))
  if (!options.watch) return
  const run = await followRun(connection, io, created.metadata.name, { timeoutMs, until: 'settled', events: 'show' })
  print(io, ...runTotal(run, paintFor(io)))
  requireSuccess(run)
  print(io, ...nextStep(run))
}
