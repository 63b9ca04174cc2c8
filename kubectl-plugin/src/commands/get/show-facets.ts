import type { FacetCount, MetadataRun, ResultFacets, ResultGroup, ResultGrouping } from '@amx/api'
import { type CommandIO, print, screenWidth } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import { usageError } from '../../connection/connection-options.ts'
import { formatCSV } from '../../output/csv.ts'
import { isValueFormat, type ListFormat, printValue } from '../../output/output-format.ts'
import { formatTable } from '../../output/table.ts'
import type { RowQuery } from '../../results/all-results.ts'

export interface ShownList {
  readonly output: ListFormat
  readonly headers: boolean
}

const facetTitles: Readonly<Record<keyof ResultFacets['facets'], string>> = {
  status: 'status',
  state: 'state',
  band: 'band',
  kind: 'kind',
  source: 'source',
  applyOutcome: 'apply outcome',
  hasCitations: 'has citations',
  hasComment: 'has comment',
  hasWarnings: 'has warnings',
  schema: 'schema',
  table: 'table',
}

/** Prints how many rows of a run there are of each state, band, kind and so on, each under all filters but its own. */
export async function showFacets(
  io: CommandIO,
  connection: Connection,
  { metadata }: MetadataRun,
  { sort: _, order: __, ...filter }: RowQuery,
  list: ShownList,
): Promise<void> {
  const server = await connection.server()
  const counted = await server.resultFacets(metadata.namespace, metadata.name, { uid: metadata.uid, ...filter })
  if (isValueFormat(list.output)) return printValue(io, { run: metadata.name, ...counted }, list.output)
  const facets = Object.entries(counted.facets) as [keyof ResultFacets['facets'], readonly FacetCount[]][]
  const rows = facets.flatMap(([name, counts]) =>
    counts.map(({ value, rows: count }) => [facetTitles[name], wordFor(value), String(count)]),
  )
  printList(io, ['by', 'value', 'rows'], [...rows, ['', 'total', String(counted.total)]], list)
}

const groupsPerPage = 500

/** Prints the rows of a run in groups, at most `limit`. */
export async function showGroups(
  io: CommandIO,
  connection: Connection,
  { metadata }: MetadataRun,
  query: { readonly by: ResultGrouping; readonly filter: RowQuery; readonly limit: number },
  list: ShownList,
): Promise<void> {
  const { by, limit } = query
  const { sort: _, order: __, ...filter } = query.filter
  const server = await connection.server()
  const groups: ResultGroup[] = []
  let after: string | null = null
  do {
    const page = { uid: metadata.uid, by, limit: Math.min(groupsPerPage, limit - groups.length), ...filter }
    const answer = await server.resultGroups(metadata.namespace, metadata.name, {
      ...page,
      ...(after !== null && { after }),
    })
    groups.push(...answer.groups)
    after = answer.next
  } while (after !== null && groups.length < limit)
  if (isValueFormat(list.output)) return printValue(io, { run: metadata.name, by, groups }, list.output)
  const named = by === 'name'
  const heads = [
    by === 'name' ? 'column' : by,
    ...(named ? ['type'] : []),
    'rows',
    'unreviewed',
    'accepted',
    'skipped',
    'rejected',
    'mean score',
    ...(named ? ['texts'] : []),
  ]
  const rows = groups.map((group) => [
    group.key,
    ...(named ? [group.filter.dataType ?? '-'] : []),
    String(group.rows),
    String(group.unreviewed),
    String(group.accepted),
    String(group.skipped),
    String(group.rejected),
    group.meanScore === null ? '-' : group.meanScore.toFixed(2),
    ...(named ? [String(group.texts ?? 0)] : []),
  ])
  printList(io, heads, rows, list)
}

function wordFor(value: string): string {
  if (value === 'true') return 'yes'
  return value === 'false' ? 'no' : value
}

function printList(
  io: CommandIO,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { output, headers }: ShownList,
): void {
  if (output === 'name') throw usageError('-o name is for rows and runs')
  if (output === 'csv') io.stdout.write(formatCSV(heads, rows))
  else print(io, ...formatTable(heads, rows, { noHeaders: !headers, width: screenWidth(io) }))
}
