import { type PreviewTotals, parseDurationMs } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import type { PreviewQuery } from '../../connection/audit-calls.ts'
import type { Connection } from '../../connection/connection.ts'
import { usageError } from '../../connection/connection-options.ts'
import { pagesOf } from '../../connection/pages-of.ts'
import { type DryRun, dryRunOption } from '../../dry-run.ts'
import { counted } from '../../output/figures.ts'
import { isValueFormat, type OutputFormat, outputOption, printValue } from '../../output/output-format.ts'
import { agrees } from '../../prompt.ts'
import { createWrite } from '../../writing/create-write.ts'
import { followWrites } from '../../writing/follow-writes.ts'
import { databasesOf, pendingLines, previewLines } from '../../writing/write-lines.ts'
import { writeManifest } from '../../writing/write-manifest.ts'
import { type ApplyArguments, previewQuery, readArguments, writeScope } from './apply-scope.ts'

interface Options {
  readonly database?: string
  readonly yes?: boolean
  readonly dryRun: DryRun | 'statements'
  readonly compare?: boolean
  readonly overwrite?: boolean
  readonly watch?: boolean
  readonly timeout: string
  readonly output: OutputFormat
}

/** `apply [RUN|SCOPE…]`: write what was accepted. */
export function applyCommand(io: CommandIO): Command {
  return new Command('apply')
    .description('write accepted texts to the database as comments: of a run, or everything that is queued')
    .argument('[run|scope...]', 'a run, with assets of it alone; or assets of the queue with all below them')
    .option(
      '-d, --database <profile>',
      'DatabaseProfile, or profile/database, to write to (default: every one with rows)',
    )
    .option('-y, --yes', 'do not ask')
    .addOption(
      dryRunOption({
        bare: 'statements',
        says: 'show the statements and write nothing; client prints the run that would write, server has it checked',
      }),
    )
    .option('--compare', 'compare with the comments that are there now, row by row, and write nothing')
    .option('--overwrite', 'replace comments that changed since the draft as well')
    .option('-w, --watch', 'follow the run that writes')
    .option('--timeout <time>', 'longest --watch waits', '1h')
    .addOption(outputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string[]], Options> = async ({ io, connect }, [words], options) => {
  const timeoutMs = parseDurationMs(options.timeout, '--timeout')
  const asks = !options.yes && !options.compare && options.dryRun === 'none'
  if (asks && !io.interactive.stdin) throw usageError('off a terminal an apply is confirmed with --yes')
  const connection = await connect()
  const given = await readArguments(connection, words)
  const query = previewQuery(given, options.database)
  if (options.dryRun === 'statements') return printStatements(connection, io, query, options.output)

  const totals = await totalsFor(connection, given, options, query, asks)
  if (totals !== null && totals.rows === 0) return remark(io, nothingQueued(totals))
  if (totals !== null && asks) {
    print(io, ...pendingLines(totals))
    if (!(await agrees(io, `Write ${counted(totals.rows, 'comment')} to ${databasesOf(totals)}?`))) {
      return remark(io, 'nothing was written')
    }
  }
  const scope = writeScope(given, options.database, totals)
  const created = await createWrite(
    connection,
    io,
    (requestedBy) =>
      writeManifest('Apply', scope, { ...options, requestedBy, namespace: connection.namespace, now: io.now() }),
    { dryRun: options.dryRun, output: options.output },
  )
  if (created === null || !(options.watch || options.compare)) return
  const kept = 'what was not written stays queued'
  await followWrites(connection, io, created.metadata.name, { timeoutMs, done: 'written', kept })
}

/** What is queued, where the question or the run to create depends on it. */
async function totalsFor(
  connection: Connection,
  given: ApplyArguments,
  options: Options,
  query: PreviewQuery,
  asks: boolean,
): Promise<PreviewTotals | null> {
  const known = given.kind === 'Run' || options.database !== undefined
  if (known && !asks) return null
  const server = await connection.server()
  return (await server.preview(connection.namespace, { ...query, limit: 1 })).totals
}

async function printStatements(
  connection: Connection,
  io: CommandIO,
  query: PreviewQuery,
  output: OutputFormat,
): Promise<void> {
  const server = await connection.server()
  const all = []
  let totals: PreviewTotals | null = null
  let place = 0
  for await (const page of pagesOf((where) => server.preview(connection.namespace, { ...query, ...where }))) {
    if (totals === null && !isValueFormat(output)) {
      if (page.totals.rows === 0) return remark(io, nothingQueued(page.totals))
      print(io, ...pendingLines(page.totals), '')
    }
    totals = page.totals
    if (isValueFormat(output)) all.push(...page.rows)
    for (const row of isValueFormat(output) ? [] : page.rows) {
      place += 1
      print(io, ...previewLines(row, `[${place}/${page.totals.rows}]`, io.width))
    }
  }
  if (isValueFormat(output)) return printValue(io, { totals, rows: all }, output)
  print(io, '', `Dry run: ${counted(place, 'statement')} shown, nothing was written and the queue is as it was.`)
}

function nothingQueued({ beingWritten }: PreviewTotals): string {
  const busy = beingWritten > 0 ? `; ${counted(beingWritten, 'row')} are being written by another run` : ''
  return `nothing is queued that matches${busy}; \`kubectl amx pending\` shows the queue, \`kubectl amx review\` fills it`
}
