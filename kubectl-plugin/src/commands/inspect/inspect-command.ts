import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark, screenWidth } from '../../command-io.ts'
import { formatCSV } from '../../output/csv.ts'
import { type FigureFormat, figureOutputOption, isValueFormat, printValue } from '../../output/output-format.ts'
import { formatTable } from '../../output/table.ts'
import { type Coverage, coverageBy, coverageOf, type PlaceCoverage, percent, shareOf } from '../../results/coverage.ts'
import { knownCatalog } from '../../results/known-catalog.ts'
import { rowsOfScope } from '../../results/rows-of-scope.ts'

interface Options {
  readonly database?: string
  readonly within?: string
  readonly by?: 'schema' | 'table'
  readonly output: FigureFormat
  readonly headers: boolean
}

/** `inspect [RUN]`: how far a run, or a database, is described. */
export function inspectCommand(io: CommandIO): Command {
  return new Command('inspect')
    .description('show how far a run, or a database, is described, per schema and per table')
    .argument('[run-or-asset...]', 'a run, or assets over all runs (none named: the newest run with drafts)')
    .option('-d, --database <profile>', 'what all runs over this database found last; assets that are named are of it')
    .option('--within <asset>', 'only this asset and what is below it')
    .addOption(new Option('--by <unit>', 'one of the two tables only').choices(['schema', 'table']))
    .option('--no-headers', 'without the heads of the columns')
    .addOption(figureOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string[]], Options> = async ({ io, connect }, [names], options) => {
  const { database, within, by } = options
  const connection = await connect()
  const { about, rows } = await rowsOfScope(await connection.server(), connection.namespace, {
    names,
    database,
    within,
    ...(database !== undefined && { catalogOf: knownCatalog(connection, database) }),
  })
  const total = coverageOf(rows)
  const units = (['schema', 'table'] as const).filter((unit) => by === undefined || by === unit)
  const tables = units.map((unit) => ({ unit, places: coverageBy(rows, unit) }))
  if (isValueFormat(options.output)) {
    const lists = Object.fromEntries(tables.map(({ unit, places }) => [`${unit}s`, places.map(withShare)]))
    printValue(io, { about, total: withShare(total), ...lists }, options.output)
    return
  }
  if (options.output === 'csv') {
    const lines = tables.flatMap(({ unit, places }) =>
      places.map((place) => [
        unit,
        place.target,
        place.place,
        ...figures(place),
        shareOf(place, 'commented').toFixed(4),
      ]),
    )
    io.stdout.write(formatCSV(['unit', 'target', 'place', ...figureHeads, 'coverage'], lines))
    return
  }
  remark(io, about)
  const severalTargets = new Set(rows.map(({ target }) => target)).size > 1
  for (const [index, { unit, places }] of tables.entries()) {
    if (index > 0) print(io, '')
    const lines = places.map((place) => [
      ...(severalTargets ? [place.target] : []),
      place.place,
      percent(shareOf(place, 'commented')),
      ...figures(place).map(String),
    ])
    const sum = [
      ...(severalTargets ? [''] : []),
      'total',
      percent(shareOf(total, 'commented')),
      ...figures(total).map(String),
    ]
    const heads = [...(severalTargets ? ['database'] : []), unit, 'coverage', ...figureHeads]
    print(io, ...formatTable(heads, [...lines, sum], { noHeaders: !options.headers, width: screenWidth(io) }))
  }
}

const figureHeads = [
  'assets',
  'commented',
  'accepted',
  'drafted',
  'high',
  'medium',
  'low',
  'unreviewed',
  'failed',
] as const

function figures(coverage: Coverage): number[] {
  return figureHeads.map((head) => coverage[head])
}

function withShare<Figures extends Coverage | PlaceCoverage>(coverage: Figures) {
  return { ...coverage, coverage: shareOf(coverage, 'commented') }
}
