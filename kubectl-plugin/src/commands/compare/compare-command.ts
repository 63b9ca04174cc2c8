import {
  assetKinds,
  type ComparedRow,
  type ComparisonRows,
  type ComparisonUnit,
  comparedRunsMost,
  comparisonRows,
  comparisonUnits,
  type RunComparison,
} from '@amx/api'
import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'
import type { ComparisonQuery } from '../../connection/history-calls.ts'
import type { ServerClient } from '../../connection/server-client.ts'
import { counted, grouped } from '../../output/figures.ts'
import { isValueFormat, printValue, type ReportFormat, reportOutputOption } from '../../output/output-format.ts'
import { paintFor } from '../../output/paint.ts'
import { printReport } from '../../output/print-report.ts'
import { storedRuns } from '../../results/stored-runs.ts'
import { wholeNumber } from '../../whole-number.ts'
import { assetColumns, placeColumns, printWordDiff } from './compared-assets.ts'
import { metricColumns } from './metric-report.ts'

interface Options {
  readonly last?: string
  readonly diff?: boolean
  readonly rows?: ComparisonRows
  readonly by?: ComparisonUnit
  readonly schema?: string
  readonly table?: string
  readonly column?: string
  readonly kind?: string
  readonly search?: string
  readonly limit: string
  readonly headers: boolean
  readonly output: ReportFormat
}

/** `compare RUN RUN…`: two to four runs side by side. */
export function compareCommand(io: CommandIO): Command {
  return new Command('compare')
    .description(`compare 2 to ${comparedRunsMost} runs: figures with the best of each, and their texts side by side`)
    .argument('[run...]', 'names of runs, or name@uid for an older one of that name')
    .option('--last <n>', 'the last runs with drafts instead of names')
    .option('--diff', 'texts that differ, word by word against the first run')
    .addOption(new Option('--rows <which>', 'texts side by side: of all assets, or of these').choices(comparisonRows))
    .addOption(new Option('--by <unit>', 'texts by asset, or figures of each').choices(comparisonUnits))
    .option('--schema <asset>', 'of this schema')
    .option('--table <asset>', 'of this table')
    .option('--column <name>', 'of columns with this name')
    .addOption(new Option('--kind <kind>', 'of this kind').choices(assetKinds))
    .option('--search <text>', 'of assets whose path or text contains this')
    .option('--limit <n>', 'most assets', '1000')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(reportOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[readonly string[]], Options> = async ({ io, connect }, [named], options) => {
  const limit = wholeNumber(options.limit, '--limit', { atLeast: 1 })
  const last = options.last === undefined ? null : wholeNumber(options.last, '--last', { atLeast: 1 })
  const asked = last ?? named.length
  if ((last !== null && named.length > 0) || asked < 2 || asked > comparedRunsMost) {
    throw usageError(`name 2 to ${comparedRunsMost} runs, or give --last 2 to ${comparedRunsMost}`)
  }
  const { namespace, server: reach } = await connect()
  const server = await reach()
  const run = last === null ? named : await lastRuns(server, namespace, last)
  const { by = 'asset', schema, table, column, kind, search, output } = options
  const only = options.diff ? 'different' : (options.rows ?? 'all')
  const narrowed = Object.fromEntries(
    Object.entries({ schema, table, column, kind, search }).filter(([, value]) => value !== undefined),
  )
  const texts = wantsTexts(options)
  const query: ComparisonQuery = { run, by, only, ...narrowed }
  const comparison = await readComparison(server, namespace, query, texts && by === 'asset' ? limit : 1)
  const names = comparison.runs.map(({ name, uid }) =>
    isRepeated(comparison, name) ? `${name}@${uid.slice(0, 8)}` : name,
  )
  if (isValueFormat(output)) return printValue(io, comparison, output)
  if (!texts) printReport(io, comparison, comparison.metrics, metricColumns(comparison, names), options)
  else if (by !== 'asset') printReport(io, comparison, comparison.groups ?? [], placeColumns(by, names), options)
  else if (options.diff && output === 'table') printWordDiff(io, comparison.rows, names, paintFor(io))
  else printReport(io, comparison, comparison.rows, assetColumns(names), options)
  if (output === 'table') tellMore(io, comparison, { texts: texts && by === 'asset' })
}

/** Without a word about texts or places the figures are shown; a file holds one table. */
function wantsTexts({ diff, rows, by, schema, table, column, kind, search, output }: Options): boolean {
  const narrowed = [schema, table, column, kind, search].some((value) => value !== undefined)
  return diff === true || rows !== undefined || by !== undefined || narrowed || isValueFormat(output)
}

function tellMore(
  io: CommandIO,
  { overlap, remarks, rows, next }: RunComparison,
  { texts }: { readonly texts: boolean },
) {
  if (!texts) print(io, '', '* the best')
  if (overlap !== null) {
    const { assets, inAll, same } = overlap
    remark(io, `${counted(assets, 'asset')}: ${grouped(inAll)} in all runs, ${grouped(same)} with the same text`)
  }
  if (remarks.length > 0) remark(io, ...remarks)
  if (texts && next !== null) remark(io, `the first ${counted(rows.length, 'asset')}; --limit shows more`)
}

async function readComparison(
  server: ServerClient,
  namespace: string,
  query: ComparisonQuery,
  limit: number,
): Promise<RunComparison> {
  const first = await server.compare(namespace, { ...query, limit: Math.min(500, limit) })
  const rows: ComparedRow[] = [...first.rows]
  let { next } = first
  while (next !== null && rows.length < limit) {
    const page = await server.compare(namespace, { ...query, limit: Math.min(500, limit - rows.length), after: next })
    rows.push(...page.rows)
    next = page.next
  }
  return { ...first, rows, next }
}

async function lastRuns(server: ServerClient, namespace: string, count: number): Promise<string[]> {
  const found: string[] = []
  for await (const { draftDigest, name, uid } of storedRuns(server, namespace)) {
    if (draftDigest !== null) found.push(`${name}@${uid}`)
    // The oldest first: it is what the others are held against.
    if (found.length === count) return found.reverse()
  }
  throw usageError(`--last ${count}: namespace "${namespace}" has ${counted(found.length, 'run')} with drafts`)
}

function isRepeated({ runs }: RunComparison, name: string): boolean {
  return runs.filter((run) => run.name === name).length > 1
}
