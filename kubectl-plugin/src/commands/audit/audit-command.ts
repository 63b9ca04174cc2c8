import { applyOutcomes } from '@amx/api'
import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import { type FigureFormat, figureOutputOption, isValueFormat, printValue } from '../../output/output-format.ts'
import { changesCSV, changeTable, type RunChange } from '../../results/change-table.ts'
import { allChanges } from '../../results/stored-runs.ts'

interface Options {
  readonly outcome?: string
  readonly headers: boolean
  readonly output: FigureFormat
}

/** `audit RUN`: what a run wrote. */
export function auditCommand(io: CommandIO): Command {
  return new Command('audit')
    .description('show what a run wrote, or tried to: text before and after, who decided and who applied')
    .argument('<run>', 'name of the run')
    .addOption(new Option('--outcome <outcome>', 'rows of this outcome').choices(applyOutcomes))
    .option('--no-headers', 'without the heads of the columns')
    .addOption(figureOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string], Options> = async ({ io, connect }, [name], options) => {
  const { namespace, server: reach } = await connect()
  const server = await reach()
  const run = await server.run(namespace, name)
  const changes = (await allChanges(server, run))
    .filter(({ outcome }) => options.outcome === undefined || outcome === options.outcome)
    .map((change): RunChange => ({ run: run.name, ...change }))
  if (isValueFormat(options.output)) printValue(io, { run: run.name, uid: run.uid, changes }, options.output)
  else if (options.output === 'csv') io.stdout.write(changesCSV(changes))
  else if (changes.length === 0) remark(io, `run "${run.name}" wrote nothing`)
  else print(io, ...changeTable(changes, options.headers))
}
