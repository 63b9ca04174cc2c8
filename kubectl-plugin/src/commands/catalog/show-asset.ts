import { AmxError } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import { databaseKeyOf } from '../../connection/database-key.ts'
import { counted } from '../../output/figures.ts'
import { type FigureFormat, isValueFormat, printValue, valueOutputOption } from '../../output/output-format.ts'
import { harmless } from '../../output/paint.ts'
import { formatTable } from '../../output/table.ts'
import { readWords, staleRemark } from './freshness.ts'

interface Options {
  readonly database?: string
  readonly output: FigureFormat
}

/** `catalog show ASSET`: one schema or table with its columns. */
export function showCommand(io: CommandIO): Command {
  return new Command('show')
    .description('show one schema or table: its comment, its columns with type and comment, and when it was read')
    .argument('<asset>', 'a schema or a table such as sales.customer')
    .option('-d, --database <profile>', 'DatabaseProfile, or profile/database, whose asset is meant')
    .addOption(valueOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string], Options> = async ({ io, connect }, [asset], { database: profile, output }) => {
  const connection = await connect()
  const database = profile === undefined ? undefined : await databaseKeyOf(connection, profile)
  const server = await connection.server()
  const page = await server.catalog(connection.namespace, {
    within: asset,
    limit: 50,
    ...(database !== undefined && { database }),
  })
  // A schema is listed before its tables; the same name may be in several databases.
  const first = page.entries[0]
  if (first === undefined) throw new AmxError('AMX-1013', { what: `asset "${asset}" in what was read of databases` })
  const found = page.entries.filter(({ path }) => path === first.path)
  if (isValueFormat(output)) return printValue(io, found.length === 1 ? first : { items: found }, output)
  for (const { target, path, kind, comment, rowEstimate, columns, readAt } of found) {
    const rows = rowEstimate === null || rowEstimate < 0 ? '' : `, about ${counted(rowEstimate, 'row')}`
    print(io, harmless(`${path}: ${kind} of ${target}${rows}, read ${readWords(readAt, io.now())}`))
    print(io, harmless(comment ?? '(no comment)'))
    if (columns.length === 0) continue
    print(
      io,
      '',
      ...formatTable(
        ['column', 'type', 'comment'],
        columns.map((column) => [column.name, column.type, column.comment ?? '']),
      ),
    )
  }
  const stale = staleRemark(found, io.now())
  if (stale !== null) remark(io, stale)
}
