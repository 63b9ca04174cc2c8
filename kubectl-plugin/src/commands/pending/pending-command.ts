import { parseDurationMs, type QueueRow } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark, screenWidth } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import { usageError } from '../../connection/connection-options.ts'
import { queueManifests } from '../../decision/queue-decision.ts'
import { recordDecision } from '../../decision/record-decision.ts'
import { decisionDryRunOption, printRecorded, showDecisions } from '../../decision/show-decisions.ts'
import type { DryRun } from '../../dry-run.ts'
import { counted } from '../../output/figures.ts'
import {
  isValueFormat,
  type ListFormat,
  listOutputOption,
  type OutputFormat,
  outputOption,
  printValue,
} from '../../output/output-format.ts'
import { agrees } from '../../prompt.ts'
import { wholeNumber } from '../../whole-number.ts'
import { writeInEditor } from '../review/screen/external-editor.ts'
import { addQueueFilters, namedRows, type QueueFilterOptions, queueFilterOf, queueRows } from './queue-rows.ts'
import { queueCSV, queueTable } from './queue-table.ts'

/** `pending`: accepted texts that wait to be written. */
export function pendingCommand(io: CommandIO): Command {
  return new Command('pending')
    .description('show and change the accepted texts that wait to be written')
    .addCommand(listCommand(io), { isDefault: true })
    .addCommand(editCommand(io))
    .addCommand(dropCommand(io))
}

interface ListOptions extends QueueFilterOptions {
  readonly limit: string
  readonly headers: boolean
  readonly output: ListFormat
}

function listCommand(io: CommandIO): Command {
  return addQueueFilters(new Command('list').description('show what waits: for which asset, who accepted it and when'))
    .option('--limit <n>', 'most rows', '1000')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(listOutputOption())
    .action(withContext(io, list))
}

const list: CommandBody<[], ListOptions> = async ({ io, connect }, _, options) => {
  const { output } = options
  const limit = wholeNumber(options.limit, '--limit', { atLeast: 1 })
  const connection = await connect()
  const { rows, more } = await queueRows(connection, await queueFilterOf(connection, options), limit)
  const noHeaders = !options.headers
  if (isValueFormat(output)) printValue(io, { items: rows }, output)
  else if (output === 'csv') io.stdout.write(queueCSV(rows))
  else if (output === 'name') print(io, ...rows.map(({ path }) => path))
  else if (rows.length === 0) remark(io, 'nothing waits to be written')
  else print(io, ...queueTable(rows, { wide: output === 'wide', noHeaders, now: io.now(), width: screenWidth(io) }))
  if (more) remark(io, `there are more than ${rows.length}; --limit shows them`)
}

interface ChangeOptions extends QueueFilterOptions {
  readonly comment?: string
  readonly timeout: string
  readonly dryRun: DryRun
  readonly output: OutputFormat
}

interface EditOptions extends ChangeOptions {
  readonly text?: string
}

function editCommand(io: CommandIO): Command {
  const command = new Command('edit')
    .description('write another text for an asset that waits; somebody else’s change in between is not overwritten')
    .argument('<asset>', 'asset such as sales.customer.email, or the id that list -o wide shows')
    .option('--text <text>', 'the new text (none: it is edited in $VISUAL or $EDITOR)')
  return addChangeOptions(addQueueFilters(command)).action(withContext(io, edit))
}

const edit: CommandBody<[string], EditOptions> = async ({ io, connect }, [name], options) => {
  const timeoutMs = parseDurationMs(options.timeout, '--timeout')
  const { text: given } = options
  if (given === undefined && !io.interactive.stdin) {
    throw usageError('there is no terminal to edit in: give the new text with --text')
  }
  if (given?.trim() === '') throw usageError('--text is empty: drop takes a text out of the queue')
  const connection = await connect()
  const rows = await namedRows(connection, [name], await queueFilterOf(connection, options))
  const [row] = rows
  if (row === undefined) return
  const text = given ?? (await editedText(io, row))
  if (text === null || text === row.text) {
    remark(io, 'nothing was changed')
    return
  }
  const change = { verdict: 'Accept' as const, text, ...commentOf(options) }
  await changeQueue(io, connection, rows, change, { ...options, timeoutMs })
}

/** The text as it was edited in $VISUAL or $EDITOR; null when it was left as it is, or emptied. */
async function editedText(io: CommandIO, row: QueueRow): Promise<string | null> {
  const about = {
    path: row.path,
    existingComment: row.text,
    alternatives: [],
    evidence: `accepted by ${row.decidedBy}`,
  }
  const text = await writeInEditor(about, row.text, io.env).catch((error: Error) => {
    throw usageError(error.message)
  })
  return text === '' || text === row.text ? null : text
}

interface DropOptions extends ChangeOptions {
  readonly all?: boolean
  readonly reject?: boolean
  readonly yes?: boolean
}

function dropCommand(io: CommandIO): Command {
  const command = new Command('drop')
    .description('take texts out of the queue; their rows can be decided again')
    .argument('[asset...]', 'assets, or the ids that list -o wide shows')
    .option('--all', 'everything that the filters choose; needs --run')
    .option('--reject', 'for good: the rows count as rejected')
    .option('-y, --yes', 'do not ask before --all')
  return addChangeOptions(addQueueFilters(command)).action(withContext(io, drop))
}

const drop: CommandBody<[string[]], DropOptions> = async ({ io, connect }, [names], options) => {
  const timeoutMs = parseDurationMs(options.timeout, '--timeout')
  if (names.length > 0 === (options.all === true)) throw usageError('name assets, or --all with --run')
  if (options.all && options.run === undefined) throw usageError('--all needs --run: whose texts are meant')
  const asks = options.all && !options.yes && options.dryRun === 'none'
  if (asks && !io.interactive.stdin) throw usageError('--all asks on a terminal; elsewhere add --yes')
  const connection = await connect()
  const filter = await queueFilterOf(connection, options)
  const rows = options.all
    ? (await queueRows(connection, filter, Number.POSITIVE_INFINITY)).rows
    : await namedRows(connection, names, filter)
  if (rows.length === 0 || (asks && !(await agrees(io, `Take ${counted(rows.length, 'text')} out of the queue?`)))) {
    remark(io, rows.length === 0 ? 'nothing waits to be written' : 'nothing was dropped')
    return
  }
  const change = { verdict: options.reject ? ('Reject' as const) : ('Restore' as const), ...commentOf(options) }
  await changeQueue(io, connection, rows, change, { ...options, timeoutMs })
}

function addChangeOptions(command: Command): Command {
  return command
    .option('--comment <text>', 'why, for the audit')
    .option('--timeout <time>', 'longest to wait until it is recorded', '60s')
    .addOption(decisionDryRunOption())
    .addOption(outputOption())
}

/** Has the change recorded as decisions, one after the other, or shows them. Throws AMX-1009 where an entry is not what was seen. */
async function changeQueue(
  io: CommandIO,
  connection: Connection,
  rows: readonly QueueRow[],
  change: Parameters<typeof queueManifests>[2],
  { dryRun, output, timeoutMs }: Pick<ChangeOptions, 'dryRun' | 'output'> & { readonly timeoutMs: number },
): Promise<void> {
  const manifests = await queueManifests(connection, rows, change)
  if (dryRun !== 'none') return showDecisions(io, connection, manifests, { dryRun, output })
  for (const manifest of manifests) {
    printRecorded(io, await recordDecision(connection, manifest, { timeoutMs, signal: io.signal }), output)
  }
}

function commentOf({ comment }: ChangeOptions): { readonly comment?: string } {
  return comment === undefined ? {} : { comment }
}
