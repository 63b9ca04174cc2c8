import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark, screenWidth } from '../../command-io.ts'
import { counted } from '../../output/figures.ts'
import { isValueFormat, type ListFormat, listOutputOption, printValue } from '../../output/output-format.ts'
import { allResults } from '../../results/all-results.ts'
import { resultTable } from '../../results/result-table.ts'
import { resultsCSV } from '../../results/results-csv.ts'
import { parseRunReference } from '../../results/run-reference.ts'
import { wholeNumber } from '../../whole-number.ts'

interface Options {
  readonly search?: string
  readonly limit: string
  readonly headers: boolean
  readonly output: ListFormat
}

/** `history results RUN`: the drafts of a run, also of one that is gone from the cluster. */
export function runResultsCommand(io: CommandIO): Command {
  return new Command('results')
    .description('show the drafts of a run, also of one that was deleted; get --results has more filters')
    .argument('<run>', 'name of the run, or name@uid for an older one of that name')
    .option('--search <text>', 'rows whose path or text contains this')
    .option('--limit <n>', 'most rows', '10000')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(listOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string], Options> = async ({ io, connect }, [reference], options) => {
  const limit = wholeNumber(options.limit, '--limit', { atLeast: 1 })
  const { name, ...older } = parseRunReference(reference)
  const { namespace, server: reach } = await connect()
  const server = await reach()
  const { summary } = await server.runDetail(namespace, name, older)
  const { search, output, headers } = options
  const results = await allResults(server, summary, search === undefined ? {} : { search }, limit)
  if (output === 'csv') io.stdout.write(resultsCSV(results.rows))
  else if (isValueFormat(output)) printValue(io, { run: summary.name, uid: summary.uid, ...results }, output)
  else if (output === 'name') print(io, ...results.rows.map(({ path }) => path))
  else if (results.rows.length === 0) remark(io, `run "${summary.name}" has no such row`)
  else
    print(
      io,
      ...resultTable(results.rows, {
        wide: output === 'wide',
        headers,
        width: screenWidth(io),
      }),
    )
  if (results.total > results.rows.length)
    remark(io, `${results.rows.length} of ${counted(results.total, 'row')}; --limit shows more`)
}
