import {
  canonicalAssetPath,
  type DecisionItem,
  type MetadataRun,
  parseDurationMs,
  type ReviewDecision,
  type Verdict,
} from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, remark } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import { usageError } from '../../connection/connection-options.ts'
import { decisionManifest, itemsPerDecision, recordDecision, type Verdicts } from '../../decision/record-decision.ts'
import { decisionDryRunOption, printRecorded, showDecisions } from '../../decision/show-decisions.ts'
import type { DryRun } from '../../dry-run.ts'
import { counted } from '../../output/figures.ts'
import { isValueFormat, type OutputFormat, outputOption } from '../../output/output-format.ts'
import { allResults } from '../../results/all-results.ts'
import { draftDigestOf, findRun } from '../latest-run.ts'
import {
  addRowChoice,
  choosesRows,
  filterOf,
  itemsOf,
  needsRows,
  type RowChoice,
  rowQueryOfChoice,
} from './row-choice.ts'

export interface DecideOptions extends RowChoice {
  readonly alternative?: string
  readonly text?: string
  readonly digest?: string
  readonly apply?: boolean
  readonly comment?: string
  readonly target?: string
  readonly seen?: string
}

interface Options extends DecideOptions {
  readonly reviewer?: string
  readonly output: OutputFormat
  readonly dryRun: DryRun
  readonly timeout: string
}

/** `accept RUN [ASSET…]`: accept without a terminal. */
export function acceptCommand(io: CommandIO): Command {
  return decideCommand('accept', 'accept drafts of a run: named assets, or all that the flags choose')
    .option('--alternative <n>', 'which alternative of the named assets (default: 1)')
    .option('--text <text>', 'own words for the one asset named, or for all columns of --column-name')
    .option('--apply', 'write them at once; needs the verb apply on reviewdecisions')
    .action(withContext(io, bodyOf('Accept')))
}

/** `skip RUN [ASSET…]`: leave rows, to be decided later. */
export function skipCommand(io: CommandIO): Command {
  return decideCommand('skip', 'leave drafts of a run, to be decided later').action(withContext(io, bodyOf('Skip')))
}

/** `reject RUN [ASSET…]`: leave rows for good. */
export function rejectCommand(io: CommandIO): Command {
  return decideCommand('reject', 'reject drafts of a run for good').action(withContext(io, bodyOf('Reject')))
}

/** `restore RUN [ASSET…]`: take back what was decided. */
export function restoreCommand(io: CommandIO): Command {
  return decideCommand('restore', 'take back what was decided about drafts of a run').action(
    withContext(io, bodyOf('Restore')),
  )
}

function decideCommand(name: string, description: string): Command {
  const command = new Command(name)
    .description(description)
    .argument('<run>', 'name of the run')
    .argument('[asset...]', 'assets such as sales.customer.email')
  return addRowChoice(command)
    .option('--target <profile>', 'DatabaseProfile, or profile/database, that the named assets belong to')
    .option('--comment <text>', 'why, for the audit')
    .option('--seen <revision>', 'revision of the one asset named that was looked at; another one is a conflict')
    .option(
      '--reviewer <user>',
      'with --dry-run=client: who creates the decision, such as the controller that applies Git',
    )
    .option('--digest <digest>', 'drafts that were looked at (default: those the run has now)')
    .addOption(decisionDryRunOption())
    .option('--timeout <time>', 'longest to wait until it is recorded', '60s')
    .addOption(outputOption())
}

function bodyOf(verdict: Verdict): CommandBody<[string, string[]], Options> {
  return async ({ io, connect }, [name, assets], options) => {
    const timeoutMs = parseDurationMs(options.timeout, '--timeout')
    const { dryRun, reviewer } = options
    if (reviewer !== undefined && dryRun !== 'client') throw usageError('--reviewer is for --dry-run=client')
    const given = verdictsOf(verdict, assets, options)
    const connection = await connect()
    const run = await findRun(connection, name)
    const digest = options.digest ?? draftDigestOf(run)
    const read = needsRows(options) ? await itemsOfRows(connection, run, verdict, options) : null
    if (read?.length === 0) {
      remark(io, 'no row matched')
      return
    }
    const parts = read === null ? [given] : partsOf(read, given)
    const username = reviewer ?? (await connection.username())
    const manifests = parts.map((verdicts) => decisionManifest(run, digest, username, verdicts))
    if (dryRun !== 'none') {
      await showDecisions(io, connection, manifests, { dryRun, output: options.output })
      return
    }
    for (const manifest of manifests) {
      const recorded = await recordDecision(connection, manifest, { timeoutMs, signal: io.signal })
      printDecision(io, run, recorded, options.output)
    }
  }
}

/** Most rows that are read to be decided one by one. */
const mostRows = 10_000

async function itemsOfRows(
  connection: Connection,
  run: MetadataRun,
  verdict: Verdict,
  choice: RowChoice,
): Promise<DecisionItem[]> {
  const server = await connection.server()
  const { rows, total } = await allResults(server, run.metadata, rowQueryOfChoice(verdict, choice), mostRows)
  if (total > mostRows)
    throw usageError(`${counted(total, 'row')} match; at most ${mostRows} are decided one by one: narrow it`)
  return itemsOf(verdict, rows, choice)
}

/** One decision for every 500 rows. */
function partsOf(items: readonly DecisionItem[], { items: _, filter: __, ...rest }: Verdicts): Verdicts[] {
  return Array.from({ length: Math.ceil(items.length / itemsPerDecision) }, (_, index) => ({
    items: items.slice(index * itemsPerDecision, (index + 1) * itemsPerDecision),
    ...rest,
  }))
}

/** Prints a recorded decision, and how its texts come to be written. */
function printDecision(io: CommandIO, run: MetadataRun, decision: ReviewDecision, output: OutputFormat): void {
  printRecorded(io, decision, output)
  const accepted = decision.status?.counts?.accepted ?? 0
  if (isValueFormat(output) || output === 'name' || accepted === 0) return
  const { name } = run.metadata
  const writesItself = decision.spec.apply === true || run.spec.apply?.policy === 'OnAccept'
  remark(
    io,
    writesItself ? `They are being written:  kubectl amx audit ${name}` : `Write them with:  kubectl amx apply ${name}`,
  )
}

/** Items or a filter from the command line. Pure; throws AMX-1011 and AMX-1014. */
export function verdictsOf(verdict: Verdict, assets: readonly string[], options: DecideOptions): Verdicts {
  const { text, alternative, target, seen } = options
  if (assets.length > 0 === choosesRows(options)) {
    throw usageError('name assets, or say which rows: --all, --high, --medium, --low, --table, --kind, --filter')
  }
  if (text !== undefined && alternative !== undefined) throw usageError('--text and --alternative exclude each other')
  if (assets.length > itemsPerDecision) throw usageError(`one decision takes at most ${itemsPerDecision} assets`)
  const rest = {
    ...(options.apply && { apply: true }),
    ...(options.comment !== undefined && { comment: options.comment }),
  }
  if (assets.length > 0) return { items: namedItems(verdict, assets, options), ...rest }
  if (alternative !== undefined) throw usageError('--alternative is for named assets')
  if (target !== undefined) throw usageError('--target is for named assets')
  if (seen !== undefined) throw usageError('--seen is for one named asset')
  if (text === undefined) return { filter: filterOf(verdict, options), ...rest }
  if (options.columnName === undefined || needsRows(options)) {
    throw usageError('--text is for one named asset, or for the columns of --column-name')
  }
  return { filter: { ...filterOf(verdict, options), text }, ...rest }
}

function namedItems(verdict: Verdict, assets: readonly string[], options: DecideOptions): DecisionItem[] {
  const { text, target, seen, withTexts } = options
  if (withTexts) throw usageError('--with-texts writes out rows that flags choose: name no asset')
  if (text !== undefined && assets.length !== 1) throw usageError('--text is for one named asset')
  if (seen !== undefined && assets.length !== 1) throw usageError('--seen is for one named asset')
  const accepted = text === undefined ? { alternative: alternativeOf(options.alternative ?? '1') } : { text }
  return assets.map((asset) => ({
    asset: canonicalAssetPath(asset),
    ...(target !== undefined && { target }),
    verdict,
    ...(verdict === 'Accept' && accepted),
    ...(seen !== undefined && { revision: revisionOf(seen) }),
  }))
}

function revisionOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw usageError(`--seen ${text}: write the revision that the results show`)
}

function alternativeOf(text: string): number {
  if (/^[1-5]$/.test(text)) return Number(text)
  throw usageError(`--alternative ${text}: write a number from 1 to 5`)
}
