import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import { type HandWritten, type MetadataRun, parseDurationMs, type ResultRow } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, type CommandContext, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import { collect, usageError } from '../../connection/connection-options.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import { decisionManifest, recordDecision, recordedLine } from '../../decision/record-decision.ts'
import { createdWords, createQuery, type DryRun, dryRunOption } from '../../dry-run.ts'
import { type OutputFormat, outputOption, printObject } from '../../output/output-format.ts'
import { harmless, type Paint, paintFor } from '../../output/paint.ts'
import { followRun, requireSuccess } from '../../progress/follow-run.ts'
import { runTotal } from '../../progress/run-total.ts'
import { createPrompt } from '../../prompt.ts'
import { allResults } from '../../results/all-results.ts'
import { draftDigestOf } from '../latest-run.ts'
import { type DescribeOptions, describeManifest } from './describe-manifest.ts'
import { parseTexts } from './texts-file.ts'

interface Options extends DescribeOptions {
  readonly text?: string
  readonly file?: string
  readonly accept?: boolean
  readonly apply?: boolean
  readonly comment?: string
  readonly dryRun: DryRun
  readonly timeout: string
  readonly output: OutputFormat
  readonly namespace?: string
}

/** `describe [ASSET]`: descriptions in your own words. */
export function describeCommand(io: CommandIO): Command {
  return new Command('describe')
    .description('describe assets in your own words, through review, queue and audit like any draft; no model is asked')
    .argument('[asset]', 'a column, a table or a schema, such as sales.customer.email')
    .requiredOption(
      '-d, --database <profile>',
      'DatabaseProfile, or profile/database; can be given several times',
      collect,
    )
    .option('--text <text>', 'the description of the one asset named')
    .option('-f, --file <file>', 'descriptions of many: YAML, JSON or CSV with asset and text; - reads standard input')
    .option('--name <name>', 'name of the run (default: made of the profile and the time)')
    .option('--accept', 'accept them at once as yourself (on a terminal: without being asked)')
    .option('--no-accept', 'leave them for review')
    .option('--apply', 'accept and write them at once; needs the verb apply on reviewdecisions')
    .option('--comment <text>', 'why, for the audit')
    .option('--timeout <time>', 'longest to wait until they are found, recorded and written', '10m')
    .addOption(dryRunOption({ bare: 'client', says: 'create nothing: client prints the run, server has it checked' }))
    .addOption(outputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string | undefined], Options> = async (context, [asset], options) => {
  const { io, connect } = context
  const timeoutMs = parseDurationMs(options.timeout, '--timeout')
  if (options.apply && options.accept === false)
    throw usageError('--apply writes what is accepted: leave --no-accept out')
  if (options.output !== 'table' && options.apply) throw usageError('--apply prints what it did: leave -o out')
  const texts = await textsOf(io, asset, options)
  if (options.dryRun === 'client') {
    const manifest = describeManifest(texts, options, { namespace: options.namespace ?? null, now: io.now() })
    printObject(io, manifest as unknown as MetadataRun, options.output, createdWords('client'))
    return
  }
  const connection = await connect()
  const { kubernetes, namespace } = connection
  const manifest = describeManifest(texts, options, { namespace, now: io.now() })
  const path = `${resourcePath('MetadataRun', namespace)}${createQuery(options.dryRun)}`
  const created = await kubernetes.create<MetadataRun>(path, manifest)
  printObject(io, { ...created, kind: 'MetadataRun' }, options.output, createdWords(options.dryRun))
  const wanted = options.apply || options.accept === true
  const mayAsk =
    io.interactive.stdin && io.interactive.stdout && options.accept === undefined && options.output === 'table'
  if (options.dryRun !== 'none' || !(wanted || mayAsk)) return
  const run = await followRun(connection, io, created.metadata.name, { timeoutMs, until: 'settled', events: 'hide' })
  requireSuccess(run)
  if (!wanted && !(await agreed(context, connection, run))) {
    remark(io, `They wait for review:  kubectl amx review ${run.metadata.name}`)
    return
  }
  await accept(io, connection, run, { ...options, timeoutMs })
}

async function textsOf(io: CommandIO, asset: string | undefined, { text, file }: Options): Promise<HandWritten[]> {
  if (file !== undefined) {
    if (asset !== undefined || text !== undefined) throw usageError('name one asset with --text, or many with --file')
    if (file === '-') return parseTexts(await readAll(io.stdin), 'standard input')
    const content = await readFile(file, 'utf8').catch((error: Error) => {
      throw usageError(`--file ${file}: ${error.message}`)
    })
    return parseTexts(content, file)
  }
  if (asset === undefined || text === undefined) throw usageError('name one asset with --text, or many with --file')
  if (text.trim() === '') throw usageError('--text is empty')
  return [{ asset, text }]
}

/** Shows what stands there now and what is to stand there, and asks. */
async function agreed({ io }: CommandContext, connection: Connection, run: MetadataRun): Promise<boolean> {
  const { rows } = await allResults(await connection.server(), run.metadata, { status: ['Drafted'] }, 500)
  const paint = paintFor(io)
  for (const row of rows) print(io, ...changeLines(row, paint))
  const prompt = createPrompt(io)
  try {
    const answer = await prompt.ask(`Accept ${rows.length === 1 ? 'it' : `these ${rows.length}`}? [Y/n] `)
    return answer !== null && !/^n(o)?$/i.test(answer.trim())
  } finally {
    prompt.close()
  }
}

function changeLines({ path, existingComment, alternatives }: ResultRow, paint: Paint): string[] {
  const before = existingComment === null ? paint('dim', '(no comment)') : harmless(existingComment)
  return [harmless(path), `  now  ${before}`, `  new  ${harmless(alternatives[0]?.text ?? '')}`]
}

async function accept(
  io: CommandIO,
  connection: Connection,
  run: MetadataRun,
  { apply, comment, timeoutMs }: Pick<Options, 'apply' | 'comment'> & { readonly timeoutMs: number },
): Promise<void> {
  const manifest = decisionManifest(run, draftDigestOf(run), await connection.username(), {
    filter: { verdict: 'Accept' },
    ...(apply && { apply: true }),
    ...(comment !== undefined && { comment }),
  })
  print(io, recordedLine(await recordDecision(connection, manifest, { timeoutMs, signal: io.signal })))
  const { name } = run.metadata
  if (!apply) {
    remark(io, `Write what was accepted:  kubectl amx apply ${name}`)
    return
  }
  const ended = await followRun(connection, io, name, { timeoutMs, until: 'ended', events: 'hide' })
  print(io, ...runTotal(ended, paintFor(io)))
  requireSuccess(ended)
}
