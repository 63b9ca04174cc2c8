import { applyOutcomes } from '@amx/api'
import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark, screenWidth } from '../../command-io.ts'
import { type FigureFormat, figureOutputOption, isValueFormat, printValue } from '../../output/output-format.ts'
import { readChanges } from '../../results/read-changes.ts'
import { wholeNumber } from '../../whole-number.ts'
import { type AuditOptions, auditQuery } from './audit-query.ts'
import { auditCSV, auditTable } from './audit-table.ts'

interface Options extends AuditOptions {
  readonly limit?: string
  readonly headers: boolean
  readonly output: FigureFormat
}

/** Entries of a namespace shown unless told otherwise; of a run all are. */
const usualLimit = 200

/** `audit [RUN]`: what was written. */
export function auditCommand(io: CommandIO): Command {
  return new Command('audit')
    .description(
      'show what a run wrote or tried to, or everything of the namespace, the newest first: text before and after, who decided and who applied',
    )
    .argument('[run]', 'name of the run (default: every run of the namespace)')
    .option('--since <time>', 'from then on: a day, an instant, or how long ago, such as 7d')
    .option('--until <time>', 'before then')
    .option('--by <user>', 'who decided or applied')
    .option('--asset <asset>', 'an asset with everything below it')
    .addOption(new Option('--outcome <outcome>', 'rows of this outcome').choices(applyOutcomes))
    .option('--target <profile>', 'DatabaseProfile, or profile/database')
    .option('--limit <n>', `most entries (default: all of a run, ${usualLimit} of a namespace)`)
    .option('--no-headers', 'without the heads of the columns')
    .addOption(figureOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string | undefined], Options> = async ({ io, connect }, [name], options) => {
  const limit = limitOf(options.limit, name)
  const query = auditQuery(options, io.now())
  const { namespace, server: reach } = await connect()
  const server = await reach()
  const run = name === undefined ? null : await server.run(namespace, name)
  const { changes, more } = await readChanges(
    (place) =>
      run === null
        ? server.audit(namespace, { ...query, ...place })
        : server.runAudit(namespace, run.name, { uid: run.uid, ...query, ...place }),
    limit,
  )
  if (isValueFormat(options.output)) {
    printValue(io, { ...(run !== null && { run: run.name, uid: run.uid }), changes }, options.output)
  } else if (options.output === 'csv') io.stdout.write(auditCSV(changes))
  else if (changes.length === 0)
    remark(io, run === null ? 'nothing was written that matches' : `run "${run.name}" wrote nothing`)
  else print(io, ...auditTable(changes, { headers: options.headers, width: screenWidth(io) }))
  if (more) remark(io, `the first ${limit}; --limit shows more`)
}

function limitOf(text: string | undefined, run: string | undefined): number {
  if (text === undefined) return run === undefined ? usualLimit : Number.POSITIVE_INFINITY
  return wholeNumber(text, '--limit', { atLeast: 1 })
}
