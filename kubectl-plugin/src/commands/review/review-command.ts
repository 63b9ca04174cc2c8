import { AmxError, type MetadataRun, parseDurationMs, type ResultRow } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import { usageError } from '../../connection/connection-options.ts'
import type { ServerClient } from '../../connection/server-client.ts'
import { counted } from '../../output/figures.ts'
import { createPrompt } from '../../prompt.ts'
import { findRun } from '../latest-run.ts'
import { forgetKept, type KeptVerdict, keep, keptFile, keptVerdicts, readKept } from './kept-verdicts.ts'
import { plainReview } from './plain/plain-review.ts'
import { beginSitting, verdictsById } from './plain/sitting.ts'
import { recordSitting } from './record-sitting.ts'
import { filterOf, isNarrowed, queryOf, type ReviewOptions, withReviewOptions } from './review-options.ts'
import { type ReviewPage, rowPages } from './row-pages.ts'
import { inPathOrder, sortRows } from './screen/row-view.ts'
import { acceptable, type Verdict, verdictsInWords } from './verdict.ts'

/** `review [RUN]`: decide row by row on a terminal. */
export function reviewCommand(io: CommandIO): Command {
  const command = new Command('review')
    .description('decide about drafts on a screen of their own; all verdicts of a sitting are recorded together')
    .argument('[run]', 'name of the run (none: the newest)')
  return withReviewOptions(command)
    .option('--apply', 'write at once what is accepted; needs the verb apply on reviewdecisions')
    .option('--comment <text>', 'why, for the audit')
    .option('--timeout <time>', 'longest to wait until it is recorded', '60s')
    .action(withContext(io, body))
}

/** What a sitting ends with, however the rows were shown. */
interface Ended {
  readonly how: 'record' | 'keep' | 'discard'
  readonly verdicts: ReadonlyMap<string, Verdict>
  readonly rows: ReadonlyMap<string, ResultRow>
  readonly covers: 'all' | 'some'
  /** Verdicts of earlier sittings: left alone, or taken up but for these. */
  readonly earlier: { readonly are: 'left' | 'taken'; readonly rest: readonly KeptVerdict[] }
}

interface Opened {
  readonly io: CommandIO
  readonly options: ReviewOptions
  readonly run: MetadataRun
  readonly server: ServerClient
  readonly first: ReviewPage
  readonly rest: AsyncGenerator<ReviewPage>
  readonly file: string
  readonly kept: readonly KeptVerdict[]
}

const body: CommandBody<[string | undefined], ReviewOptions> = async ({ io, connect }, [name], options) => {
  const timeoutMs = parseDurationMs(options.timeout, '--timeout')
  filterOf(options)
  if (!io.interactive.stdin) throw usageError('review asks on a terminal; elsewhere use `kubectl amx accept`')
  const connection = await connect()
  const [run, server] = await Promise.all([findRun(connection, name), connection.server()])
  const pages = rowPages(server, run.metadata, queryOf(options))
  const { value: first } = await pages.next()
  const draftDigest = first?.draftDigest ?? null
  if (first === undefined || draftDigest === null) {
    throw new AmxError('AMX-1008', { asset: `run "${run.metadata.name}"`, problem: 'its drafts are not complete' })
  }
  if (first.rows.length === 0) {
    remark(io, `Nothing to review in run "${run.metadata.name}".`)
    return
  }
  const file = keptFile(io.env, run.metadata.uid)
  const opened: Opened = { io, options, run, server, first, rest: pages, file, kept: readKept(file) }
  const ended = usesScreen(io, options) ? await onScreen(opened) : await lineByLine(opened)
  if (ended.how === 'record' && ended.verdicts.size > 0) {
    const { verdicts, rows, covers } = ended
    await recordSitting(
      { run, draftDigest, rows, verdicts, covers },
      {
        io,
        connection,
        timeoutMs,
        apply: options.apply === true,
        comment: options.comment,
        keptFile: file,
        alsoKept: othersKept(opened, ended),
        readAgain: () => readAgain(connection, run),
      },
    )
    return
  }
  settleKept(opened, ended)
  if (io.signal.aborted) throw io.signal.reason
}

function usesScreen({ interactive, env }: CommandIO, { plain }: ReviewOptions): boolean {
  return interactive.stdout && !plain && env['TERM'] !== 'dumb'
}

async function onScreen(opened: Opened): Promise<Ended> {
  const { io, options, run, server, first, rest, kept } = opened
  const { uid, namespace, name } = run.metadata
  // What draws is loaded by this command alone.
  const { runScreen } = await import('./screen/run-screen.ts')
  const asEnded = (how: Ended['how'], state: Awaited<ReturnType<typeof runScreen>>['state']): Ended => ({
    how,
    verdicts: state.verdicts,
    rows: state.byId,
    covers: state.loading === 'complete' && !isNarrowed(options) ? 'all' : 'some',
    earlier: { are: state.keptAre === 'taken' ? 'taken' : 'left', rest: state.kept },
  })
  const { how, state } = await runScreen({
    io,
    beginning: {
      run: name,
      writes: options.apply ? 'at-once' : 'later',
      always: filterOf(options),
      kept,
      ...(options.sort !== undefined && { sort: options.sort }),
      grouping: options.groupBy ?? (options.sort === undefined || options.sort === 'path' ? 'table' : 'none'),
      ...(options.strategy !== undefined && { strategy: options.strategy }),
    },
    first,
    rest,
    readVersions: async (row) => (await server.versions(namespace, name, { uid, rowId: row.id })).versions,
    rescue: (current) => settleKept(opened, asEnded('keep', current)),
  })
  return asEnded(how, state)
}

async function lineByLine(opened: Opened): Promise<Ended> {
  const { io, options, first, rest, kept } = opened
  const read = [...first.rows]
  for await (const page of rest) read.push(...page.rows)
  const matches = filterOf(options)
  const wanted = matches === null ? read : read.filter((row) => matches(row, undefined))
  const rows = sortRows(inPathOrder(wanted), options.sort ?? 'path', new Map())
  if (kept.length > 0)
    remark(io, `${verdictsInWords(kept.length)} kept of an earlier sitting: the review without --plain offers them`)
  const digest = first.draftDigest?.slice(0, 19) ?? ''
  const prompt = createPrompt(io)
  try {
    print(io, `Run ${opened.run.metadata.name}: ${counted(rows.length, 'row')}, drafts ${digest}…   ? lists the keys`)
    const { sitting, how } = await plainReview(io, prompt, begun(rows, options))
    return {
      how,
      verdicts: verdictsById(sitting),
      rows: new Map(rows.map((row) => [row.id, row])),
      covers: isNarrowed(options) ? 'some' : 'all',
      earlier: { are: 'left', rest: [] },
    }
  } finally {
    prompt.close()
  }
}

/** The sitting with what the strategy of the command line decides already. */
function begun(rows: readonly ResultRow[], { strategy }: ReviewOptions) {
  if (strategy === undefined || strategy === 'one-by-one') return beginSitting(rows)
  const verdicts = new Map<number, Verdict>()
  for (const [index, row] of rows.entries()) {
    const [alternative] = acceptable(row)
    if (alternative === undefined || (strategy === 'accept-high' && row.band !== 'High')) continue
    verdicts.set(index, strategy === 'reject-all' ? { verdict: 'Reject' } : { verdict: 'Accept', alternative })
  }
  return beginSitting(rows, verdicts)
}

/** Verdicts of earlier sittings that are about other rows than these. */
function othersKept({ kept }: Opened, { verdicts, earlier }: Ended): readonly KeptVerdict[] {
  const others = earlier.are === 'taken' ? earlier.rest : kept
  return others.filter(({ rowId }) => !verdicts.has(rowId))
}

/** Keeps verdicts or throws them away, and says so. */
function settleKept(opened: Opened, ended: Ended): void {
  const { io, file, run } = opened
  const others = othersKept(opened, ended)
  const own = ended.how === 'discard' ? [] : keptVerdicts(ended.verdicts, ended.rows)
  if (own.length + others.length > 0) keep(file, run.metadata.name, [...own, ...others])
  else forgetKept(file)
  remark(io, 'nothing was recorded')
  if (own.length === 0) return
  remark(
    io,
    `${verdictsInWords(own.length)} kept in ${file}`,
    `\`kubectl amx review ${run.metadata.name}\` offers them again`,
  )
}

async function readAgain(connection: Connection, run: MetadataRun): Promise<readonly ResultRow[]> {
  const rows: ResultRow[] = []
  for await (const page of rowPages(await connection.server(), run.metadata, {})) rows.push(...page.rows)
  return rows
}
