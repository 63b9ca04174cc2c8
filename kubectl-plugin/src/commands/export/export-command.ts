import { readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { canonicalAssetPath, isWithin, parseAssetPath, reviewStates } from '@amx/api'
import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, remark } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'
import { harmless } from '../../output/paint.ts'
import { allResults } from '../../results/all-results.ts'
import { resultsCSV } from '../../results/results-csv.ts'
import { storedRun } from '../../results/stored-runs.ts'
import { type DbtMerge, mergeDbtSchema } from './dbt-schema.ts'
import { type Described, describedRows, type ExportState } from './described-rows.ts'
import { markdownDocument } from './markdown-document.ts'
import { sqlScript } from './sql-statements.ts'

const exportFormats = ['dbt', 'csv', 'sql', 'markdown', 'json'] as const
type ExportFormat = (typeof exportFormats)[number]

interface Options {
  readonly format: ExportFormat
  readonly file?: string
  readonly state?: ExportState
  readonly within?: string
  readonly replace?: boolean
}

/** `export [RUN]`: the texts of a run as a file for other tools. */
export function exportCommand(io: CommandIO): Command {
  return new Command('export')
    .description(
      'write the texts of a run as a dbt file, CSV, SQL, Markdown or JSON (none named: the newest with drafts)',
    )
    .argument('[run]', 'name of the run')
    .addOption(new Option('--format <format>', 'what to write').choices(exportFormats).makeOptionMandatory())
    .option('-f, --file <file>', 'file to write to; --format dbt merges into it (default: standard output)')
    .addOption(
      new Option('--state <state>', 'rows in this state (default: Accepted)').choices([...reviewStates, 'All']),
    )
    .option('--within <asset>', 'only this asset and what is below it')
    .option('--replace', 'with --format dbt: replace descriptions that are there')
    .action(withContext(io, body))
}

const body: CommandBody<[string | undefined], Options> = async ({ io, connect }, [name], options) => {
  if (options.replace && options.format !== 'dbt') throw usageError('--replace belongs to --format dbt')
  const within = options.within === undefined ? null : parseAssetPath(canonicalAssetPath(options.within))
  const present = options.format === 'dbt' && options.file !== undefined ? await readPresent(options.file) : null
  const connection = await connect()
  const server = await connection.server()
  const run = await storedRun(server, connection.namespace, name)
  const { rows } = await allResults(server, run, {}, Number.POSITIVE_INFINITY)
  const wanted = within === null ? rows : rows.filter(({ path }) => isWithin(parseAssetPath(path), within))
  const described = describedRows(wanted, options.state ?? 'Accepted')
  if (described.length === 0) {
    remark(io, `run "${run.name}" has no text to export; --state All takes drafts nobody decided about as well`)
  }
  if (options.format === 'dbt') {
    const merge = mergeDbtSchema(present, described, { replace: options.replace === true })
    await deliver(io, options.file, merge.text)
    remark(io, ...mergeLines(merge))
    return
  }
  await deliver(io, options.file, exported(options.format, described, run.name))
}

function exported(format: Exclude<ExportFormat, 'dbt'>, described: readonly Described[], run: string): string {
  switch (format) {
    case 'csv':
      return resultsCSV(described.map(({ row }) => row))
    case 'sql':
      return sqlScript(described, run)
    case 'markdown':
      return markdownDocument(described, run)
    case 'json':
      return `${JSON.stringify({ run, rows: described.map(({ row, text }) => ({ ...row, text })) }, null, 2)}\n`
  }
}

function mergeLines({ written, kept }: DbtMerge): string[] {
  const shown = kept.slice(0, 20).map((line) => `kept  ${harmless(line)}`)
  const more = kept.length > shown.length ? [`kept  ${kept.length - shown.length} more`] : []
  return [...shown, ...more, `${written} descriptions written, ${kept.length} kept`]
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
