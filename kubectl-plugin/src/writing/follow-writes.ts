import { AmxError, type ApplyOutcome, type AuditRow, type MetadataRun, type RunEvent, toAmxError } from '@amx/api'
import { type CommandIO, print } from '../command-io.ts'
import type { Connection } from '../connection/connection.ts'
import { pagesOf } from '../connection/pages-of.ts'
import { followRun, requireSuccess } from '../progress/follow-run.ts'
import { endLines, writtenLine } from './write-lines.ts'

const unwrittenOutcomes: readonly ApplyOutcome[] = ['Failed', 'Refused', 'Drifted', 'Missing', 'Unknown']

export interface FollowWritesOptions {
  readonly timeoutMs: number
  /** `written` or `put back`. */
  readonly done: string
  /** What becomes of rows that were not written. */
  readonly kept: string
}

/**
 * Shows each row as a run writes it, and in the end what was not written with what to do. Throws AMX-1054 when something was not
 * written, AMX-1020 when the run did not get that far, AMX-1019 after `timeoutMs`.
 */
export async function followWrites(
  connection: Connection,
  io: CommandIO,
  name: string,
  options: FollowWritesOptions,
): Promise<void> {
  const { namespace } = connection
  let planned = 0
  let shown = 0

  async function linesOf({ type, data }: RunEvent): Promise<readonly string[]> {
    if (type === 'ApplyStarted' && typeof data['rows'] === 'number') planned += data['rows']
    if (type !== 'TableApplied' || typeof data['unit'] !== 'string') return []
    const unit = data['unit']
    const server = await connection.server()
    const lines: string[] = []
    for await (const { rows } of pagesOf((place) => server.runAudit(namespace, name, { unit, ...place }))) {
      for (const row of rows) {
        shown += 1
        lines.push(`[${shown}/${Math.max(shown, planned)}] ${writtenLine(row)}`)
      }
    }
    return lines
  }

  const run = await followRun(connection, io, name, {
    timeoutMs: options.timeoutMs,
    until: 'settled',
    events: 'show',
    linesOf,
  })
  const server = await connection.server()
  const { uid } = run.metadata
  const unwritten: AuditRow[] = []
  let done = 0
  let total = 0
  try {
    for await (const { rows } of pagesOf((place) => server.runAudit(namespace, name, { uid, ...place }))) {
      total += rows.length
      for (const row of rows) {
        if (unwrittenOutcomes.includes(row.outcome)) unwritten.push(row)
        else if (row.outcome !== 'Unsupported') done += 1
      }
    }
  } catch (error) {
    // A run that was refused before it began is not known to the server; the run itself says why.
    if (toAmxError(error).code === 'AMX-1013') requireSuccess(run)
    throw error
  }
  const cancelled = run.status?.phase === 'Cancelled'
  if (total > 0) {
    const end = { total: Math.max(total, planned), done, unwritten }
    print(io, ...endLines(name, end, { done: doneWords(run, options.done), kept: options.kept, cancelled }))
  }
  if (unwritten.length > 0 && !cancelled) {
    throw new AmxError('AMX-1054', { run: name, count: String(unwritten.length), total: String(total) })
  }
  requireSuccess(run)
  if (total === 0) print(io, run.status?.conditions?.find(({ type }) => type === 'Succeeded')?.message ?? '')
}

function doneWords({ spec }: MetadataRun, done: string): string {
  return spec.apply?.dryRun === true ? `would be ${done}` : done
}
