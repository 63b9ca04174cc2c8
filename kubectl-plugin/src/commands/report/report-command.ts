import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'
import { formatTable } from '../../output/table.ts'
import { gatherReport } from './gather.ts'

interface Options {
  readonly file?: string
  readonly includeTexts?: boolean
  readonly runs: string
  readonly headers: boolean
}

const logLines = 2_000

/** `report`: a folder with what helps others to help, without secrets. */
export function reportCommand(io: CommandIO): Command {
  return new Command('report')
    .description('write a support bundle: objects, states and logs, without secrets')
    .option('-f, --file <folder>', 'folder to write, which must not exist (default: amx-report- and the time)')
    .option('--include-texts', 'leave in the comments, drafts and values of databases')
    .option('--runs <number>', 'of how many runs the log is taken, the newest first', '10')
    .option('--no-headers', 'without the heads of the columns')
    .action(withContext(io, body))
}

const body: CommandBody<[], Options> = async ({ io, connect }, _, options) => {
  const runs = Number(options.runs)
  if (!Number.isInteger(runs) || runs < 0 || runs > 100) throw usageError('--runs is a number from 0 to 100')
  const folder = options.file ?? `amx-report-${io.now().toISOString().replaceAll(/[:.]/g, '-')}`
  if (existsSync(folder)) throw usageError(`${folder} exists already`)
  const texts = options.includeTexts ? 'Included' : 'Removed'
  const files = await gatherReport(await connect(), io, { texts, logLines, runs })
  for (const { path, content } of files) {
    const target = join(folder, path)
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
    writeFileSync(target, content, { mode: 0o600 })
  }
  const rows = files.map(({ path, content }) => [join(folder, path), String(Buffer.byteLength(content))])
  print(io, ...formatTable(['file', 'bytes'], rows, { noHeaders: !options.headers }))
  const left = options.includeTexts
    ? 'Texts and values of your databases are in it.'
    : 'Texts and values of your databases are left out.'
  remark(io, `${left} Look through it before you pass it on: names of schemas, tables and columns are in it.`)
}
