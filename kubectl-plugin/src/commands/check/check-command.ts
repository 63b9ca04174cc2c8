import { AmxError } from '@amx/api'
import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print } from '../../command-io.ts'
import { ExitCode } from '../../exit-code.ts'
import { formatCSV } from '../../output/csv.ts'
import { type FigureFormat, figureOutputOption, isValueFormat, printValue } from '../../output/output-format.ts'
import { paintFor } from '../../output/paint.ts'
import { coverageBases, coverageOf } from '../../results/coverage.ts'
import { knownCatalog } from '../../results/known-catalog.ts'
import { rowsOfScope } from '../../results/rows-of-scope.ts'
import { exitCodeOf, type GateOptions, gatesOf } from './gates.ts'

interface Options extends GateOptions {
  readonly database?: string
  readonly within?: string
  readonly output: FigureFormat
}

/** `check [RUN]`: a gate for CI. */
export function checkCommand(io: CommandIO): Command {
  return new Command('check')
    .description('hold a run, or a database, against thresholds: exit code 8 below the coverage, 9 beyond another one')
    .argument('[run-or-asset...]', 'a run, or assets over all runs (none named: the newest run with drafts)')
    .option('-d, --database <profile>', 'what all runs over this database found last; assets that are named are of it')
    .option('--within <asset>', 'only this asset and what is below it')
    .option(
      '--min-coverage <share>',
      'least share of assets with a description, such as 0.9 or 90% (default: 1, alone)',
    )
    .addOption(new Option('--minimum <share>', 'the same').conflicts('minCoverage'))
    .addOption(new Option('--counting <what>', 'what counts as described').choices(coverageBases).default('commented'))
    .option('--max-low <n>', 'most drafts of the band Low that no person decided about')
    .option('--max-unreviewed <n>', 'most drafts nobody decided about')
    .option('--max-failed <n>', 'most texts that could not be written')
    .addOption(figureOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string[]], Options> = async ({ io, connect }, [names], options) => {
  // A threshold that is none is told before anything is read.
  gatesOf(coverageOf([]), options)
  const connection = await connect()
  const { database, within } = options
  const { about, rows } = await rowsOfScope(await connection.server(), connection.namespace, {
    names,
    database,
    within,
    ...(database !== undefined && { catalogOf: knownCatalog(connection, database) }),
  })
  // A scope misspelt in a pipeline must not pass for a scope without gaps.
  if (rows.length === 0)
    throw new AmxError('AMX-1013', { what: `an asset of ${about}${within ? ` within ${within}` : ''}` })
  const coverage = coverageOf(rows)
  const gates = gatesOf(coverage, options)
  const exitCode = exitCodeOf(gates)
  if (isValueFormat(options.output)) {
    printValue(io, { about, passed: exitCode === 0, exitCode, gates, coverage }, options.output)
  } else if (options.output === 'csv') {
    const heads = ['gate', 'passed', 'value', 'limit']
    io.stdout.write(
      formatCSV(
        heads,
        gates.map(({ name, passed, value, limit }) => [name, String(passed), value, limit]),
      ),
    )
  } else {
    const paint = paintFor(io)
    print(
      io,
      about,
      ...gates.map(
        (gate) => `${gate.passed ? paint('green', 'ok    ') : paint('red', 'FAILED')}  ${gate.name}: ${gate.words}`,
      ),
    )
  }
  if (exitCode !== 0) throw new ExitCode(exitCode)
}
