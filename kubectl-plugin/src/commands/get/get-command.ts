import { AmxError, type MetadataRun, type ResultGrouping, resultGroupings, toAmxError } from '@amx/api'
import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark, screenWidth } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import { usageError } from '../../connection/connection-options.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import { formatCSV } from '../../output/csv.ts'
import { counted, dollars } from '../../output/figures.ts'
import {
  isValueFormat,
  type ListFormat,
  listOutputOption,
  objectName,
  printValue,
  withoutManagedFields,
} from '../../output/output-format.ts'
import { formatTable } from '../../output/table.ts'
import { explanation } from '../../progress/run-line.ts'
import { re2Pattern } from '../../re2-pattern.ts'
import { allResults, type Results } from '../../results/all-results.ts'
import { resultTable } from '../../results/result-table.ts'
import { resultsCSV } from '../../results/results-csv.ts'
import { addRowQueryOptions, type RowQueryOptions, rowQueryOf } from '../../results/row-query-options.ts'
import { wholeNumber } from '../../whole-number.ts'
import { findRun } from '../latest-run.ts'
import { showFacets, showGroups } from './show-facets.ts'

interface Options extends RowQueryOptions {
  readonly allNamespaces?: boolean
  readonly output: ListFormat
  readonly headers: boolean
  readonly results?: boolean
  readonly facets?: boolean
  readonly groupBy?: ResultGrouping
  readonly filter?: string
  readonly limit?: string
}

/** `get [RUN]`: runs, one run, or the results of one. */
export function getCommand(io: CommandIO): Command {
  const command = new Command('get')
    .description('show runs, one run, or with --results the drafts of a run')
    .argument('[run]', 'name of the run')
    .option('-A, --all-namespaces', 'runs of every namespace')
    .option('--results', "the run's drafts, one row per asset (none named: the newest run)")
  return addRowQueryOptions(command)
    .option('--filter <pattern>', 'RE2 pattern that the path of a row must match')
    .option('--facets', 'instead of rows, how many there are of each state, band, kind and so on')
    .addOption(new Option('--group-by <what>', 'instead of rows, groups of them').choices([...resultGroupings]))
    .option('--limit <n>', 'most rows or groups')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(listOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string | undefined], Options> = async ({ io, connect }, [name], options) => {
  const { limit, filter, facets, groupBy } = options
  const aboutRows = options.results || facets || groupBy !== undefined
  const narrowed = limit !== undefined || filter !== undefined || Object.keys(rowQueryOf(options)).length > 0
  if (!aboutRows && narrowed) throw usageError('filters of rows, --sort and --limit belong to --results')
  if (filter !== undefined && (facets || groupBy !== undefined)) {
    throw usageError('--filter reads rows one by one: use --path or --search with --facets and --group-by')
  }
  if (facets && groupBy !== undefined) throw usageError('ask for --facets or --group-by, not both')
  if (options.allNamespaces && (name !== undefined || aboutRows)) {
    throw usageError('--all-namespaces is for the list of runs')
  }
  const matches = filter === undefined ? null : re2Pattern(filter, '--filter')
  const most = wholeNumber(limit ?? '10000', '--limit', { atLeast: 1 })
  const connection = await connect()
  if (aboutRows) {
    const run = await findRun(connection, name)
    const shown = () => {
      if (facets) return showFacets(io, connection, run, rowQueryOf(options), options)
      if (groupBy === undefined) return showResults(io, connection, run, { ...options, most, matches })
      return showGroups(io, connection, run, { by: groupBy, filter: rowQueryOf(options), limit: most }, options)
    }
    return shown().catch((error: unknown) => {
      throw asNotBegun(run, error)
    })
  }
  return showRuns(io, connection, name, options)
}

interface ServerTable {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[]
  readonly rows: readonly {
    readonly cells: readonly unknown[]
    readonly object: { readonly metadata: { readonly name: string; readonly namespace: string } }
  }[]
}

const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io'

async function showRuns(
  io: CommandIO,
  connection: Connection,
  name: string | undefined,
  options: Options,
): Promise<void> {
  const { kubernetes } = connection
  const namespace = options.allNamespaces ? null : connection.namespace
  const path = resourcePath('MetadataRun', namespace, name)
  if (options.output === 'table' || options.output === 'wide' || options.output === 'csv') {
    const table = await kubernetes.get<ServerTable>(path, asTable)
    if (options.output === 'csv') {
      io.stdout.write(runsCSV(table))
      return
    }
    if (table.rows.length === 0) {
      remark(io, namespace === null ? 'No runs found.' : `No runs found in namespace "${namespace}".`)
      return
    }
    print(
      io,
      ...runTable(table, {
        wide: options.output === 'wide',
        namespaces: namespace === null,
        headers: options.headers,
        width: screenWidth(io),
      }),
    )
    return
  }
  const answer = await kubernetes.get<MetadataRun & { readonly items?: readonly MetadataRun[] }>(path)
  const runs = answer.items ?? [answer]
  if (options.output === 'name') print(io, ...runs.map((run) => objectName({ ...run, kind: 'MetadataRun' })))
  else if (answer.items === undefined) printValue(io, withoutManagedFields(answer), options.output)
  else printValue(io, { ...answer, items: answer.items.map(withoutManagedFields) }, options.output)
}

/** All columns, as with -o wide, and the namespace first. */
function runsCSV({ columnDefinitions, rows }: ServerTable): string {
  const heads = ['namespace', ...columnDefinitions.map(({ name }) => name.toLowerCase())]
  const text = (cell: unknown) => (cell === null || cell === undefined ? '' : String(cell))
  return formatCSV(
    heads,
    rows.map(({ cells, object }) => [object.metadata.namespace, ...cells.map(text)]),
  )
}

function runTable(
  table: ServerTable,
  options: {
    readonly wide: boolean
    readonly namespaces: boolean
    readonly headers: boolean
    readonly width: number | null
  },
): string[] {
  const shown = table.columnDefinitions.map(({ priority }) => priority === 0 || options.wide)
  const keep = <Item>(items: readonly Item[]) => items.filter((_, index) => shown[index])
  const heads = keep(table.columnDefinitions).map(({ name }) => name)
  const rows = table.rows.map(({ cells, object }) => [
    ...(options.namespaces ? [object.metadata.namespace] : []),
    ...keep(cells).map((cell, column) => cellText(heads[column], cell)),
  ])
  return formatTable(options.namespaces ? ['namespace', ...heads] : heads, rows, {
    noHeaders: !options.headers,
    width: options.wide ? null : options.width,
  })
}

function cellText(head: string | undefined, cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  return head === 'Cost' ? dollars(String(cell)) : String(cell)
}

async function showResults(
  io: CommandIO,
  connection: Connection,
  run: MetadataRun,
  options: Options & { readonly most: number; readonly matches: ((path: string) => boolean) | null },
): Promise<void> {
  const results = await readRows(connection, run, options)
  if (options.output === 'csv') {
    io.stdout.write(resultsCSV(results.rows))
    return
  }
  if (isValueFormat(options.output)) {
    printValue(io, { run: run.metadata.name, ...results }, options.output)
    return
  }
  if (options.output === 'name') {
    if (results.rows.length > 0) print(io, ...results.rows.map(({ path }) => path))
    return
  }
  if (results.rows.length === 0) return nothingToShow(io, run)
  print(
    io,
    ...resultTable(results.rows, {
      wide: options.output === 'wide',
      headers: options.headers,
      width: screenWidth(io),
    }),
  )
  if (results.total > results.rows.length)
    remark(io, `${results.rows.length} of ${counted(results.total, 'row')}; --limit shows more`)
}

/** Says what to do where a run has no drafts. Throws AMX-1013 where it has, and none matches. */
function nothingToShow(io: CommandIO, { metadata: { name }, status }: MetadataRun): void {
  if (status?.draft !== undefined) throw new AmxError('AMX-1013', { what: `a row of run "${name}" that matches` })
  const phase = status?.phase ?? 'not begun'
  remark(io, `Run "${name}" is ${phase} and has no drafts.  What it does:  kubectl amx watch ${name}`)
}

/** Rows that match, as many as were asked for; those of a pattern are found among all. */
async function readRows(
  connection: Connection,
  { metadata }: MetadataRun,
  {
    most,
    matches,
    ...options
  }: Options & { readonly most: number; readonly matches: ((path: string) => boolean) | null },
): Promise<Results> {
  const server = await connection.server()
  if (matches === null) return allResults(server, metadata, rowQueryOf(options), most)
  const results = await allResults(server, metadata, rowQueryOf(options), Number.POSITIVE_INFINITY)
  const rows = results.rows.filter(({ path }) => matches(path))
  return { ...results, rows: rows.slice(0, most), total: rows.length }
}

/** AMX-1090 for a run of the cluster that the server does not know: it has not begun. Any other error as it is. */
function asNotBegun(run: MetadataRun, error: unknown): unknown {
  if (toAmxError(error).code !== 'AMX-1013') return error
  const why = explanation(run).replace(/\.$/, '')
  return new AmxError('AMX-1090', { run: run.metadata.name, detail: why === '' ? '' : `: ${why}` }, { cause: error })
}
