import { AmxError, type AuditRow, canonicalAssetPath, parseDurationMs } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import { usageError } from '../../connection/connection-options.ts'
import { pagesOf } from '../../connection/pages-of.ts'
import { type DryRun, dryRunOption } from '../../dry-run.ts'
import { counted } from '../../output/figures.ts'
import { isValueFormat, type OutputFormat, outputOption, printValue } from '../../output/output-format.ts'
import { harmless } from '../../output/paint.ts'
import { cutTo } from '../../output/table.ts'
import { agrees } from '../../prompt.ts'
import { createWrite } from '../../writing/create-write.ts'
import { followWrites } from '../../writing/follow-writes.ts'
import { writeManifest } from '../../writing/write-manifest.ts'
import { type PutBack, putBacks } from './put-backs.ts'

interface Options {
  readonly database?: string
  readonly yes?: boolean
  readonly dryRun: DryRun | 'list'
  readonly compare?: boolean
  readonly watch?: boolean
  readonly timeout: string
  readonly output: OutputFormat
}

/** `rollback RUN [ASSET…]`: put back what a run replaced. */
export function rollbackCommand(io: CommandIO): Command {
  return new Command('rollback')
    .description('put back the comments that a run replaced, where what it wrote still stands')
    .argument('<run>', 'the run that wrote')
    .argument('[asset...]', 'these assets alone, each for itself')
    .option('-d, --database <profile>', 'DatabaseProfile, or profile/database, of the assets')
    .option('-y, --yes', 'do not ask')
    .addOption(
      dryRunOption({
        bare: 'list',
        says: 'show what would be put back; client prints the run that would do it, server has it checked',
      }),
    )
    .option('--compare', 'compare with the comments that are there now, row by row, and write nothing')
    .option('-w, --watch', 'follow the run that puts back')
    .option('--timeout <time>', 'longest --watch waits', '1h')
    .addOption(outputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string, string[]], Options> = async ({ io, connect }, [run, words], options) => {
  const timeoutMs = parseDurationMs(options.timeout, '--timeout')
  const assets = words.map(canonicalAssetPath)
  const asks = !options.yes && !options.compare && options.dryRun === 'none'
  if (asks && !io.interactive.stdin) throw usageError('off a terminal a rollback is confirmed with --yes')
  const connection = await connect()
  if (options.dryRun === 'list') return printPutBacks(io, await readPutBacks(connection, run, assets), options.output)
  if (options.dryRun === 'none' && !options.compare) await requireWrites(connection, run)
  if (asks && !(await agreed(io, run, await readPutBacks(connection, run, assets)))) {
    return remark(io, 'nothing was put back')
  }
  const target = options.database === undefined ? {} : { target: options.database }
  const created = await createWrite(
    connection,
    io,
    (requestedBy) =>
      writeManifest(
        'Rollback',
        { kind: 'Run', run, assets, ...target },
        { ...options, requestedBy, namespace: connection.namespace, now: io.now() },
      ),
    { dryRun: options.dryRun, output: options.output },
  )
  if (created === null || !(options.watch || options.compare)) return
  const kept = 'what was not put back is as it was'
  await followWrites(connection, io, created.metadata.name, { timeoutMs, done: 'put back', kept })
}

/** Throws AMX-1013 for a run that is not known, AMX-1050 for one that wrote nothing: it would be refused only after it was created. */
async function requireWrites(connection: Connection, run: string): Promise<void> {
  const server = await connection.server()
  const query = { outcome: ['Applied'] as const, dryRun: false, limit: 1 }
  const { rows } = await server.runAudit(connection.namespace, run, query)
  if (rows.length === 0) throw new AmxError('AMX-1050')
}

/** What the run wrote, and what stood there before. Throws AMX-1013 for a run that is not known. */
async function readPutBacks(connection: Connection, run: string, assets: readonly string[]): Promise<PutBack[]> {
  const server = await connection.server()
  const { namespace } = connection
  const written: AuditRow[] = []
  const query = { outcome: ['Applied'] as const, dryRun: false }
  for await (const { rows } of pagesOf((place) => server.runAudit(namespace, run, { ...query, ...place }))) {
    written.push(...rows)
  }
  return putBacks(written, assets)
}

async function agreed(io: CommandIO, run: string, rows: readonly PutBack[]): Promise<boolean> {
  const removed = rows.filter(({ text }) => text === null).length
  const databases = [...new Set(rows.map(({ databaseProfile }) => databaseProfile))].join(', ')
  const gone = removed > 0 ? `, of which ${removed} had none before and are removed` : ''
  return agrees(
    io,
    `Put back ${counted(rows.length, 'comment')} that ${run} wrote to ${databases || 'its databases'}${gone}?`,
  )
}

function printPutBacks(io: CommandIO, rows: readonly PutBack[], output: OutputFormat): void {
  if (isValueFormat(output)) {
    printValue(io, { rows }, output)
    return
  }
  if (rows.length === 0) {
    remark(io, 'the run wrote nothing that can be put back')
    return
  }
  const lines = rows.map(({ path, text }, index) => {
    const what = text === null ? 'NULL' : `'${harmless(text)}'`
    return cutTo(harmless(`[${index + 1}/${rows.length}] ${path} IS ${what}`), io.width)
  })
  print(io, ...lines, '', `Dry run: ${counted(rows.length, 'comment')} shown, nothing was put back.`)
}
