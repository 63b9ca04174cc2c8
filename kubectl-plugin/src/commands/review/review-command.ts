import { AmxError, type ConfidenceBand, confidenceBands, type DecisionItem, parseDurationMs } from '@amx/api'
import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'
import { decisionManifest, itemsPerDecision, recordDecision, recordedLine } from '../../decision/record-decision.ts'
import { harmless, type Paint, paintFor } from '../../output/paint.ts'
import { createPrompt, type Prompt } from '../../prompt.ts'
import { allResults, type RowQuery } from '../../results/all-results.ts'
import { findRun } from '../latest-run.ts'
import { acceptable, rowLines } from './review-row.ts'
import { answer, beginSitting, items, ownText, type Sitting } from './sitting.ts'

interface Options {
  readonly band?: ConfidenceBand | 'None'
  readonly onlyLow?: boolean
  readonly table?: string
  readonly search?: string
  readonly sort?: 'path' | 'confidence'
  readonly decided?: boolean
  readonly apply?: boolean
  readonly comment?: string
  readonly timeout: string
}

/** `review [RUN]`: decide row by row on a terminal. */
export function reviewCommand(io: CommandIO): Command {
  return new Command('review')
    .description('decide about drafts one by one; all verdicts of a sitting are recorded together')
    .argument('[run]', 'name of the run (none: the newest)')
    .addOption(new Option('--band <band>', 'rows of this band').choices([...confidenceBands, 'None']))
    .option('--only-low', 'rows of the band Low')
    .option('--table <asset>', 'rows of this table')
    .option('--search <text>', 'rows whose path or text contains this')
    .addOption(new Option('--sort <by>', 'order of the rows').choices(['path', 'confidence']))
    .option('--decided', 'rows that were decided before as well')
    .option('--apply', 'write at once what is accepted; needs the verb apply on reviewdecisions')
    .option('--comment <text>', 'why, for the audit')
    .option('--timeout <time>', 'longest to wait until it is recorded', '60s')
    .action(withContext(io, body))
}

const mostRows = 10_000

const help = [
  '  1-5  accept that alternative      o  own text              e  all the evidence',
  '  s    skip, decide later           r  reject for good       n  next, undecided',
  '  a    accept all that remain       h  accept all high       b  back',
  '  q    finish: shows what was decided and asks before anything is recorded',
]

const body: CommandBody<[string | undefined], Options> = async ({ io, connect }, [name], options) => {
  const timeoutMs = parseDurationMs(options.timeout, '--timeout')
  if (!io.interactive.stdin) throw usageError('review asks on a terminal; elsewhere use `kubectl amx accept`')
  const connection = await connect()
  const run = await findRun(connection, name)
  const { table, search, sort } = options
  const band = options.onlyLow ? 'Low' : options.band
  const filters: RowQuery = {
    ...(table !== undefined && { table: [table] }),
    ...(search !== undefined && { search }),
    ...(sort !== undefined && { sort }),
    ...(band !== undefined && { band: [band] }),
    ...(!options.decided && { state: ['Unreviewed'] }),
  }
  const results = await allResults(await connection.server(), run.metadata, filters, mostRows)
  if (results.draftDigest === null) {
    throw new AmxError('AMX-1008', { asset: `run "${run.metadata.name}"`, problem: 'its drafts are not complete' })
  }
  if (results.rows.length === 0) {
    remark(io, `Nothing to review in run "${run.metadata.name}".`)
    return
  }
  const prompt = createPrompt(io)
  let decided: DecisionItem[]
  try {
    print(
      io,
      `Run ${run.metadata.name}: ${results.rows.length} rows, drafts ${results.draftDigest.slice(0, 19)}…   ? lists the keys`,
    )
    decided = items(await sit(io, prompt, beginSitting(results.rows)))
    if (decided.length === 0 || !(await confirmed(prompt, decided))) {
      remark(io, 'nothing was recorded')
      return
    }
  } finally {
    prompt.close()
  }
  const username = await connection.username()
  for (let first = 0; first < decided.length; first += itemsPerDecision) {
    const manifest = decisionManifest(run, results.draftDigest, username, {
      items: decided.slice(first, first + itemsPerDecision),
      ...(options.apply && { apply: true }),
      ...(options.comment !== undefined && { comment: options.comment }),
    })
    print(io, recordedLine(await recordDecision(connection, manifest, { timeoutMs, signal: io.signal })))
  }
}

/** Asks row by row until the reviewer finishes, the rows end, or nobody answers any more (then nothing counts). */
async function sit(io: CommandIO, prompt: Prompt, start: Sitting): Promise<Sitting> {
  const paint = paintFor(io)
  let sitting = start
  let shown = -1
  for (;;) {
    const row = sitting.rows[sitting.at]
    if (row === undefined) return sitting
    if (shown !== sitting.at) print(io, ...rowLines(row, { number: sitting.at + 1, of: sitting.rows.length }, paint))
    shown = sitting.at
    const key = await prompt.ask(question(acceptable(row), sitting, paint))
    if (key === null) return start
    const meant = answer(sitting, key)
    switch (meant.kind) {
      case 'moved':
        sitting = meant.sitting
        break
      case 'own-text': {
        sitting = ownText(sitting, (await prompt.ask('  your text: ')) ?? '')
        break
      }
      case 'evidence':
        print(io, ...row.evidence.split('\n').map((line) => paint('dim', `  | ${harmless(line)}`)))
        break
      case 'help':
        print(io, ...help)
        break
      case 'finish':
        return sitting
      case 'unknown':
        print(io, `  ${meant.problem}`)
        break
    }
  }
}

function question(numbers: readonly number[], { verdicts, at }: Sitting, paint: Paint): string {
  const before = verdicts.get(at)
  const was =
    before === undefined
      ? ''
      : paint('dim', ` [${before.verdict}${before.alternative ? ` ${before.alternative}` : ''}]`)
  const first = numbers[0]
  const last = numbers.at(-1)
  const range = first === undefined ? '' : first === last ? `${first} ` : `${first}-${last} `
  return `${range}o s r a h b q ?${was} > `
}

async function confirmed(prompt: Prompt, decided: readonly DecisionItem[]): Promise<boolean> {
  const count = (verdict: string) => decided.filter((item) => item.verdict === verdict).length
  const parts = [`${count('Accept')} accepted`, `${count('Skip')} skipped`, `${count('Reject')} rejected`]
  const reply = await prompt.ask(`Record ${parts.join(', ')}? [Y/n] `)
  return reply !== null && !/^n(o)?$/i.test(reply.trim())
}
