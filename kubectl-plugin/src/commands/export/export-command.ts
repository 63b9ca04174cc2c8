import { readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, remark } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'
import { counted } from '../../output/figures.ts'
import { harmless } from '../../output/paint.ts'
import { resultsCSV } from '../../results/results-csv.ts'
import { rowsOfScope } from '../../results/rows-of-scope.ts'
import { type DbtMerge, mergeDbtSchema } from './dbt-schema.ts'
import { type Described, describedRows, type ExportState, exportStates, filterOf } from './described-rows.ts'
import { markdownDocument } from './markdown-document.ts'
import { sqlScript } from './sql-statements.ts'

const exportFormats = ['dbt', 'csv', 'sql', 'md', 'markdown', 'json'] as const
type ExportFormat = (typeof exportFormats)[number]

interface Options {
  readonly format: ExportFormat
  readonly file?: string
  readonly state: ExportState
  readonly database?: string
  readonly within?: string
  readonly replace?: boolean
}

/** `export [RUN|SCOPE…]`: texts as a file for other tools. */
export function exportCommand(io: CommandIO): Command {
  return new Command('export')
    .description('write the texts of a run, or of assets over all runs, as a dbt file, CSV, SQL, Markdown or JSON')
    .argument('[run-or-asset...]', 'a run, or assets over all runs (none named: the newest run with drafts)')
    .option('-d, --database <profile>', 'texts of all runs over this database; assets that are named are of it')
    .addOption(new Option('--format <format>', 'what to write').choices(exportFormats).makeOptionMandatory())
    .option('-f, --file <file>', 'file to write to; --format dbt merges into it (default: standard output)')
    .addOption(
      new Option('--state <state>', 'rows in this state; applied: whose text is in the database')
        .choices(exportStates)
        .argParser(exportState)
        .default('accepted'),
    )
    .option('--within <asset>', 'only this asset and what is below it')
    .option('--replace', 'with --format dbt: replace descriptions that are there')
    .action(withContext(io, body))
}

const body: CommandBody<[string[]], Options> = async ({ io, connect }, [names], options) => {
  if (options.replace && options.format !== 'dbt') throw usageError('--replace belongs to --format dbt')
  const present = options.format === 'dbt' && options.file !== undefined ? await readPresent(options.file) : null
  const connection = await connect()
  const server = await connection.server()
  const { database, within, state } = options
  const scope = { names, database, within, filter: filterOf(state) }
  const { about, rows } = await rowsOfScope(server, connection.namespace, scope)
  const described = describedRows(rows)
  if (described.length === 0) {
    remark(io, `${about} has no text to export; --state all takes drafts nobody decided about as well`)
  }
  if (options.format === 'dbt') {
    const merge = mergeDbtSchema(present, described, { replace: options.replace === true })
    await deliver(io, options.file, merge.text)
    remark(io, ...mergeLines(merge))
    return
  }
  await deliver(io, options.file, exported(options.format, described, about))
}

function exported(format: Exclude<ExportFormat, 'dbt'>, described: readonly Described[], about: string): string {
  switch (format) {
    case 'csv':
      return resultsCSV(described.map(({ row }) => row))
    case 'sql':
      return sqlScript(described, about)
    case 'md':
    case 'markdown':
      return markdownDocument(described, about)
    case 'json':
      return `${JSON.stringify({ about, rows: described.map(({ row, text }) => ({ ...row, text })) }, null, 2)}\n`
  }
}

function mergeLines({ written, kept }: DbtMerge): string[] {
  const shown = kept.slice(0, 20).map((line) => `kept  ${harmless(line)}`)
  const more = kept.length > shown.length ? [`kept  ${kept.length - shown.length} more`] : []
  return [...shown, ...more, `${counted(written, 'description')} written, ${kept.length} kept`]
}

function exportState(text: string): ExportState {
  const found = exportStates.find((state) => state === text.toLowerCase())
  if (found === undefined) throw new InvalidArgumentError(`Allowed choices are ${exportStates.join(', ')}.`)
  return found
}

async function readPresent(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw usageError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

/** Writes a whole file or none of it: whoever reads meanwhile, or after a crash, never sees half. */
async function deliver(io: CommandIO, file: string | undefined, text: string): Promise<void> {
  if (file === undefined) {
    io.stdout.write(text)
    return
  }
  try {
    // A link stays a link, and what it points to keeps its rights.
    const target = await realpath(file).catch(() => file)
    const mode = (await stat(target).catch(() => null))?.mode
    await writeWhole(target, text, mode)
  } catch (error) {
    throw usageError(`${file} cannot be written: ${(error as Error).message}`)
  }
  remark(io, `wrote ${file}`)
}

async function writeWhole(file: string, text: string, mode: number | undefined): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`
  try {
    await writeFile(draft, text, mode === undefined ? {} : { mode })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
