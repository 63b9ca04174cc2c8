import {
  type AmxManifest,
  apiVersion,
  type MetadataRun,
  type MetadataRunSpec,
  originLabel,
  parseDurationMs,
} from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import { createdWords, createQuery, type DryRun, dryRunOption } from '../../dry-run.ts'
import { type OutputFormat, outputOption, printObject } from '../../output/output-format.ts'
import { followRun, requireSuccess } from '../../progress/follow-run.ts'
import { nextStep } from '../../progress/next-step.ts'
import { createPrompt } from '../../prompt.ts'
import { findRun } from '../latest-run.ts'
import { runName } from '../run/run-manifest.ts'

interface Options {
  readonly yes?: boolean
  readonly dryRun: DryRun | 'statements'
  readonly overwrite?: boolean
  readonly watch?: boolean
  readonly timeout: string
  readonly output: OutputFormat
}

/** `apply RUN`: write what was accepted of a run. */
export function applyCommand(io: CommandIO): Command {
  return new Command('apply')
    .description('write accepted texts of a run to the database as comments')
    .argument('<run>', 'name of the run')
    .option('-y, --yes', 'do not ask')
    .addOption(
      dryRunOption({
        bare: 'statements',
        says: 'show the statements and write nothing; client prints the run that would write, server has it checked',
      }),
    )
    .option('--overwrite', 'replace comments that changed since the draft as well')
    .option('-w, --watch', 'follow the run that writes')
    .option('--timeout <time>', 'longest --watch waits', '1h')
    .addOption(outputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string], Options> = async ({ io, connect }, [name], options) => {
  const timeoutMs = parseDurationMs(options.timeout, '--timeout')
  if (!options.yes && options.dryRun === 'none' && !io.interactive.stdin) {
    throw usageError('off a terminal an apply is confirmed with --yes')
  }
  const connection = await connect()
  const source = await findRun(connection, name)
  if (!options.yes && options.dryRun === 'none' && !(await confirmed(io, source))) {
    remark(io, 'nothing was written')
    return
  }
  const manifest = applyManifest(source, options, io.now())
  const dryRun = options.dryRun === 'statements' ? 'none' : options.dryRun
  if (dryRun === 'client') {
    printObject(io, manifest as unknown as MetadataRun, options.output, createdWords(dryRun))
    return
  }
  const created = await connection.kubernetes.create<MetadataRun>(
    `${resourcePath('MetadataRun', connection.namespace)}${createQuery(dryRun)}`,
    manifest,
  )
  printObject(io, { ...created, apiVersion, kind: 'MetadataRun' }, options.output, createdWords(dryRun))
  if (!options.watch || dryRun !== 'none') return
  const run = await followRun(connection, io, created.metadata.name, { timeoutMs, until: 'settled', events: 'show' })
  requireSuccess(run)
  print(io, ...nextStep(run))
}

/** The MetadataRun that writes what was accepted of another one. Pure. */
export function applyManifest(
  source: MetadataRun,
  options: Pick<Options, 'dryRun' | 'overwrite'>,
  now: Date,
): AmxManifest<'MetadataRun', MetadataRunSpec> {
  const statements = options.dryRun === 'statements'
  return {
    apiVersion,
    kind: 'MetadataRun',
    metadata: {
      name: runName(`${source.metadata.name.slice(0, 34)}-apply`, now),
      namespace: source.metadata.namespace,
      labels: { [originLabel]: 'plugin' },
    },
    spec: {
      type: 'Apply',
      source: { runRef: { name: source.metadata.name } },
      ...((statements || options.overwrite) && {
        apply: {
          ...(statements && { dryRun: true }),
          ...(options.overwrite && { onDrift: 'Overwrite' as const }),
        },
      }),
    },
  }
}

async function confirmed(io: CommandIO, source: MetadataRun): Promise<boolean> {
  const { review } = source.status ?? {}
  const targets =
    source.spec.targets?.map(({ databaseProfileRef }) => databaseProfileRef.name).join(', ') ?? 'its databases'
  const prompt = createPrompt(io)
  try {
    const answer = await prompt.ask(`Write ${review?.queued ?? 0} comments to ${targets} (COMMENT ON)? [y/N] `)
    return /^y(es)?$/i.test(answer?.trim() ?? '')
  } finally {
    prompt.close()
  }
}
