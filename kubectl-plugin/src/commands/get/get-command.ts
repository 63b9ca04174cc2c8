import { AmxError, type MetadataRun } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import { usageError } from '../../connection/connection-options.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import { formatCSV } from '../../output/csv.ts'
import {
  isValueFormat,
  type ListFormat,
  listOutputOption,
  objectName,
  printValue,
  withoutManagedFields,
} from '../../output/output-format.ts'
import { formatTable } from '../../output/table.ts'
import { allResults } from '../../results/all-results.ts'
import { resultTable } from '../../results/result-table.ts'
import { resultsCSV } from '../../results/results-csv.ts'
import { addRowQueryOptions, type RowQueryOptions, rowQueryOf } from '../../results/row-query-options.ts'
import { findRun } from '../latest-run.ts'

interface Options extends RowQueryOptions {
  readonly allNamespaces?: boolean
  readonly output: ListFormat
  readonly headers: boolean
  readonly results?: boolean
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
    .option('--limit <n>', 'most rows')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(listOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string | undefined], Options> = async ({ io, connect }, [name], options) => {
  const narrowed = options.limit !== undefined || Object.keys(rowQueryOf(options)).length > 0
  if (!options.results && narrowed) throw usageError('filters of rows, --sort and --limit belong to --results')
  if (options.allNamespaces && (name !== undefined || options.results)) {
    throw usageError('--all-namespaces is for the list of runs')
  }
  const connection = await connect()
  if (options.results) return showResults(io, connection, name, options)
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
      ...runTable(table, { wide: options.output === 'wide', namespaces: namespace === null, headers: options.headers }),
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
  options: { readonly wide: boolean; readonly namespaces: boolean; readonly headers: boolean },
): string[] {
  const shown = table.columnDefinitions.map(({ priority }) => priority === 0 || options.wide)
  const keep = <Item>(items: readonly Item[]) => items.filter((_, index) => shown[index])
  const heads = keep(table.columnDefinitions).map(({ name }) => name)
  const rows = table.rows.map(({ cells, object }) => [
    ...(options.namespaces ? [object.metadata.namespace] : []),
    ...keep(cells).map((cell) => (cell === null || cell === undefined ? '' : String(cell))),
  ])
  return formatTable(options.namespaces ? ['namespace', ...heads] : heads, rows, { noHeaders: !options.headers })
}

async function showResults(
  io: CommandIO,
  connection: Connection,
  name: string | undefined,
  options: Options,
): Promise<void> {
  const limit = Number(options.limit ?? 10_000)
  if (!Number.isInteger(limit) || limit < 1) throw usageError(`--limit ${options.limit}: write a whole number`)
  const run = await findRun(connection, name)
  const results = await allResults(await connection.server(), run.metadata, rowQueryOf(options), limit)
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
  if (results.rows.length === 0)
    throw new AmxError('AMX-1013', { what: `a row of run "${run.metadata.name}" that matches` })
  print(
    io,
    ...resultTable(results.rows, {
      wide: options.output === 'wide',
      headers: options.headers,
      width: io.interactive.stdout ? io.width : null,
    }),
  )
  if (results.total > results.rows.length)
    remark(io, `${results.rows.length} of ${results.total} rows; --limit shows more`)
}
