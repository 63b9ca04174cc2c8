import type { CatalogEntry } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark, screenWidth } from '../../command-io.ts'
import { allCatalogEntries } from '../../connection/catalog-calls.ts'
import { databaseKeyOf } from '../../connection/database-key.ts'
import { formatCSV } from '../../output/csv.ts'
import { counted, grouped } from '../../output/figures.ts'
import { isValueFormat, type ListFormat, listOutputOption, printValue } from '../../output/output-format.ts'
import { harmless } from '../../output/paint.ts'
import { cutTo, formatTable } from '../../output/table.ts'
import { percent } from '../../results/coverage.ts'
import { readWords, staleRemark } from './freshness.ts'

interface Options {
  readonly database?: string
  readonly missingOnly?: boolean
  readonly headers: boolean
  readonly output: ListFormat
}

/** `catalog list [SCOPE]`: schemas and tables as they were read last. */
export function listCommand(io: CommandIO): Command {
  return new Command('list')
    .description('show schemas and tables as they were read last, with the comments written since')
    .argument('[scope]', 'a schema or a table (none: everything)')
    .option('-d, --database <profile>', 'DatabaseProfile, or profile/database (none: every database of the namespace)')
    .option('--missing-only', 'only what has no comment, or a column without one')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(listOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string | undefined], Options> = async ({ io, connect }, [within], options) => {
  const connection = await connect()
  const { database: profile, missingOnly, headers, output } = options
  const database = profile === undefined ? undefined : await databaseKeyOf(connection, profile)
  const all = await allCatalogEntries(await connection.server(), connection.namespace, {
    ...(database !== undefined && { database }),
    ...(within !== undefined && { within }),
  })
  const entries = missingOnly ? all.filter(lacksComment) : all
  if (isValueFormat(output)) return printValue(io, { items: entries }, output)
  if (output === 'name') return print(io, ...entries.map(({ path }) => harmless(path)))
  if (output === 'csv') {
    io.stdout.write(formatCSV(csvHeads, entries.map(csvCells)))
    return
  }
  if (entries.length === 0) {
    const known = all.length > 0 ? 'everything there has a comment' : 'nothing is known there'
    return remark(io, `${known}; \`kubectl amx catalog refresh -d ${profile ?? 'PROFILE'}\` reads it`)
  }
  const several = new Set(entries.map(({ target }) => target)).size > 1
  const wide = output === 'wide'
  const rows = entries.map((entry) => [
    ...(several ? [entry.target] : []),
    ...cells(entry, io.now()),
    ...(wide ? [cutTo(harmless(entry.comment ?? ''), 80)] : []),
  ])
  const shown = [...(several ? ['database'] : []), ...heads, ...(wide ? ['comment text'] : [])]
  print(io, ...formatTable(shown, rows, { noHeaders: !headers, width: wide ? null : screenWidth(io) }))
  remark(io, describedWords(entries))
  const stale = staleRemark(entries, io.now())
  if (stale !== null) remark(io, stale)
}

/** How much of the entries and their columns has a comment, in a sentence. */
function describedWords(entries: readonly CatalogEntry[]): string {
  const columns = entries.reduce((sum, entry) => sum + entry.columns.length, 0)
  const commented = entries.reduce((sum, entry) => sum + entry.columnsCommented, 0)
  const own = entries.filter(({ comment }) => comment !== null).length
  const share = percent((own + commented) / (entries.length + columns))
  return `${grouped(own)} of ${grouped(entries.length)} entries and ${grouped(commented)} of ${counted(columns, 'column')} have a comment (${share}).`
}

const heads = ['asset', 'kind', 'rows', 'comment', 'columns', 'commented', 'read'] as const

function cells({ path, kind, rowEstimate, comment, columns, columnsCommented, readAt }: CatalogEntry, now: Date) {
  const holds = kind !== 'Schema' && kind !== 'Database'
  return [
    path,
    kind,
    rowEstimate === null || rowEstimate < 0 ? '-' : grouped(rowEstimate),
    comment === null ? 'no' : 'yes',
    holds ? grouped(columns.length) : '-',
    holds ? grouped(columnsCommented) : '-',
    readWords(readAt, now),
  ]
}

const csvHeads = ['database', 'asset', 'kind', 'rows', 'comment', 'columns', 'commented', 'read at'] as const

function csvCells({ target, path, kind, rowEstimate, comment, columns, columnsCommented, readAt }: CatalogEntry) {
  return [target, path, kind, rowEstimate, comment, columns.length, columnsCommented, readAt]
}

function lacksComment({ comment, columns, columnsCommented }: CatalogEntry): boolean {
  return comment === null || columnsCommented < columns.length
}
