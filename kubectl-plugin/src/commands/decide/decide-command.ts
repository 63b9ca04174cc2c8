import { canonicalAssetPath, parseDurationMs, type ReviewDecision, type Verdict } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'
import {
  checkDecision,
  decisionManifest,
  itemsPerDecision,
  namedDecision,
  recordDecision,
  recordedLine,
  type Verdicts,
} from '../../decision/record-decision.ts'
import { createdWords, type DryRun, dryRunOption } from '../../dry-run.ts'
import {
  isValueFormat,
  type OutputFormat,
  objectName,
  outputOption,
  printObject,
  printValue,
  withoutManagedFields,
} from '../../output/output-format.ts'
import { draftDigestOf, findRun } from '../latest-run.ts'

export interface DecideOptions {
  readonly high?: boolean
  readonly all?: boolean
  readonly alternative?: string
  readonly text?: string
  readonly digest?: string
  readonly apply?: boolean
  readonly comment?: string
  readonly target?: string
}

interface Options extends DecideOptions {
  readonly output: OutputFormat
  readonly dryRun: DryRun
  readonly timeout: string
}

/** `accept RUN [ASSET…]`: accept without a terminal. */
export function acceptCommand(io: CommandIO): Command {
  return decideCommand('accept', 'accept drafts of a run: named assets, all of high confidence, or all')
    .option('--alternative <n>', 'which alternative of the named assets (default: 1)')
    .option('--text <text>', 'own words for the one asset named')
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
  return new Command(name)
    .description(description)
    .argument('<run>', 'name of the run')
    .argument('[asset...]', 'assets such as sales.customer.email')
    .option('--high', 'every row of the band High')
    .option('--all', 'every row')
    .option('--target <profile>', 'DatabaseProfile, or profile/database, that the named assets belong to')
    .option('--comment <text>', 'why, for the audit')
    .option('--digest <digest>', 'drafts that were looked at (default: those the run has now)')
    .addOption(
      dryRunOption({ bare: 'client', says: 'create nothing: client prints the decision, server has it checked' }),
    )
    .option('--timeout <time>', 'longest to wait until it is recorded', '60s')
    .addOption(outputOption())
}

function bodyOf(verdict: Verdict): CommandBody<[string, string[]], Options> {
  return async ({ io, connect }, [name, assets], options) => {
    const timeoutMs = parseDurationMs(options.timeout, '--timeout')
    const verdicts = verdictsOf(verdict, assets, options)
    const connection = await connect()
    const run = await findRun(connection, name)
    const manifest = decisionManifest(run, options.digest ?? draftDigestOf(run), await connection.username(), verdicts)
    if (options.dryRun !== 'none') {
      const shown = options.dryRun === 'client' ? namedDecision(manifest) : await checkDecision(connection, manifest)
      printObject(io, shown, options.output, createdWords(options.dryRun))
      return
    }
    const decision = await recordDecision(connection, manifest, { timeoutMs, signal: io.signal })
    printDecision(io, decision, options.output)
  }
}

/** Prints a recorded decision. */
function printDecision(io: CommandIO, decision: ReviewDecision, output: OutputFormat): void {
  if (isValueFormat(output)) printValue(io, withoutManagedFields(decision), output)
  else if (output === 'name') print(io, objectName({ ...decision, kind: 'ReviewDecision' }))
  else {
    print(io, recordedLine(decision))
    const accepted = decision.status?.counts?.accepted ?? 0
    if (accepted > 0 && !decision.spec.apply) {
      remark(io, `Unless the run applies by itself, write them with:  kubectl amx apply ${decision.spec.runRef.name}`)
    }
  }
}

/** Items or a filter from the command line. Pure; throws AMX-1011 and AMX-1014. */
export function verdictsOf(verdict: Verdict, assets: readonly string[], options: DecideOptions): Verdicts {
  const chosen = [assets.length > 0, options.high === true, options.all === true].filter(Boolean).length
  if (chosen !== 1) throw usageError('name assets, or one of --high and --all')
  if (options.text !== undefined && assets.length !== 1) throw usageError('--text is for one named asset')
  if (options.alternative !== undefined && assets.length === 0) throw usageError('--alternative is for named assets')
  if (options.text !== undefined && options.alternative !== undefined) {
    throw usageError('--text and --alternative exclude each other')
  }
  if (assets.length > itemsPerDecision) throw usageError(`one decision takes at most ${itemsPerDecision} assets`)
  const rest = {
    ...(options.apply && { apply: true }),
    ...(options.comment !== undefined && { comment: options.comment }),
  }
  if (options.target !== undefined && assets.length === 0) throw usageError('--target is for named assets')
  const of = options.target === undefined ? {} : { target: options.target }
  if (options.high) return { filter: { verdict, minimumConfidence: 'High' }, ...rest }
  if (options.all) return { filter: { verdict }, ...rest }
  if (verdict !== 'Accept')
    return { items: assets.map((asset) => ({ asset: canonicalAssetPath(asset), ...of, verdict })), ...rest }
  const how =
    options.text === undefined ? { alternative: alternativeOf(options.alternative ?? '1') } : { text: options.text }
  return { items: assets.map((asset) => ({ asset: canonicalAssetPath(asset), ...of, verdict, ...how })), ...rest }
}

function alternativeOf(text: string): number {
  if (/^[1-5]$/.test(text)) return Number(text)
  throw usageError(`--alternative ${text}: write a number from 1 to 5`)
}
