import { AmxError, type DecisionFilter, type DecisionItem, type MetadataRun, type ResultRow } from '@amx/api'
import { type CommandIO, complain, print } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import {
  decisionManifest,
  itemsPerDecision,
  recordDecision,
  recordedLine,
  type Verdicts,
} from '../../decision/record-decision.ts'
import { harmless } from '../../output/paint.ts'
import { textOf } from '../../results/result-table.ts'
import { forgetKept, type KeptVerdict, keep, keptVerdicts, whatWasSeen } from './kept-verdicts.ts'
import { acceptable, decisionItem, type Verdict, verdictsInWords } from './verdict.ts'

export interface DecidedSitting {
  readonly run: MetadataRun
  readonly draftDigest: string
  /** All rows that were read, by their id. */
  readonly rows: ReadonlyMap<string, ResultRow>
  readonly verdicts: ReadonlyMap<string, Verdict>
  /** Whether those rows are all of the run that are open for review. */
  readonly covers: 'all' | 'some'
}

export interface RecordOptions {
  readonly io: CommandIO
  readonly connection: Connection
  readonly timeoutMs: number
  readonly apply: boolean
  readonly comment: string | undefined
  /** Where verdicts are kept that could not be recorded. */
  readonly keptFile: string
  /** Verdicts of earlier sittings that stay kept whatever becomes of these. */
  readonly alsoKept: readonly KeptVerdict[]
  /** Rows of the run as they are now, to say which of them changed. */
  readonly readAgain: () => Promise<readonly ResultRow[]>
}

/**
 * Records the verdicts of a sitting: one decision, several where they are more than one holds, a filter where one covers all.
 * What is refused is kept on this machine, and the rows that changed are named; then the refusal is thrown.
 */
export async function recordSitting(sitting: DecidedSitting, options: RecordOptions): Promise<void> {
  const { io, connection, timeoutMs, apply, comment } = options
  const { run, draftDigest } = sitting
  const recorded = new Set<string>()
  try {
    const username = await connection.username()
    for (const { verdicts, rowIds } of decisionsOf(sitting)) {
      const manifest = decisionManifest(run, draftDigest, username, {
        ...verdicts,
        ...(apply && { apply }),
        ...(comment !== undefined && { comment }),
      })
      const decision = await recordDecision(connection, manifest, { timeoutMs, signal: io.signal })
      for (const id of rowIds) recorded.add(id)
      print(io, recordedLine(decision))
    }
  } catch (error) {
    const rest = new Map([...sitting.verdicts].filter(([id]) => !recorded.has(id)))
    keep(options.keptFile, run.metadata.name, [...keptVerdicts(rest, sitting.rows), ...options.alsoKept])
    complain(
      io,
      `${verdictsInWords(rest.size)} kept in ${options.keptFile}`,
      `\`kubectl amx review ${run.metadata.name}\` offers them again`,
    )
    if (error instanceof AmxError && error.entry.exitCode === 7) await nameChanged(sitting, options)
    throw error
  }
  if (options.alsoKept.length > 0) keep(options.keptFile, run.metadata.name, options.alsoKept)
  else forgetKept(options.keptFile)
}

interface PlannedDecision {
  readonly verdicts: Verdicts
  readonly rowIds: readonly string[]
}

/** The decisions that verdicts become. Pure. */
export function decisionsOf(sitting: Omit<DecidedSitting, 'run' | 'draftDigest'>): PlannedDecision[] {
  const rowIds = [...sitting.verdicts.keys()]
  const filter = filterOf(sitting)
  if (filter !== null) return [{ verdicts: { filter }, rowIds }]
  const items: { readonly id: string; readonly item: DecisionItem }[] = []
  for (const [id, verdict] of sitting.verdicts) {
    const row = sitting.rows.get(id)
    if (row !== undefined) items.push({ id, item: decisionItem(row, verdict) })
  }
  const decisions: PlannedDecision[] = []
  for (let first = 0; first < items.length; first += itemsPerDecision) {
    const slice = items.slice(first, first + itemsPerDecision)
    decisions.push({ verdicts: { items: slice.map(({ item }) => item) }, rowIds: slice.map(({ id }) => id) })
  }
  return decisions
}

/**
 * One filter in place of many items, where it means exactly the same: the first alternative of every row that is open, or of
 * every one of high confidence. It is recorded as a whole or not at all, which several decisions of 500 items are not.
 */
function filterOf({ rows, verdicts, covers }: Omit<DecidedSitting, 'run' | 'draftDigest'>): DecisionFilter | null {
  if (covers === 'some' || verdicts.size <= itemsPerDecision) return null
  const all = [...rows.values()]
  if (all.some(({ lock, alternatives }) => lock || alternatives[0]?.fallback)) return null
  const given = [...verdicts.values()]
  if (!given.every((verdict) => 'alternative' in verdict && verdict.alternative === 1)) return null
  const open = all.filter((row) => acceptable(row).length > 0)
  if (open.every(({ id }) => verdicts.has(id))) return { verdict: 'Accept' }
  const high = open.filter(({ band }) => band === 'High')
  const allHigh = high.length === verdicts.size && high.every(({ id }) => verdicts.has(id))
  return allHigh ? { verdict: 'Accept', minimumConfidence: 'High' } : null
}

const mostNamed = 20

async function nameChanged({ rows, verdicts }: DecidedSitting, { io, readAgain }: RecordOptions): Promise<void> {
  const now = await readAgain().catch(() => [])
  const changed = now.filter((row) => {
    const before = rows.get(row.id)
    return before !== undefined && verdicts.has(row.id) && whatWasSeen(before) !== whatWasSeen(row)
  })
  if (changed.length === 0) return
  const by = ({ decidedBy }: ResultRow) => (decidedBy === null ? '' : ` by ${decidedBy}`)
  complain(
    io,
    `changed since you saw them:`,
    ...changed.slice(0, mostNamed).map((row) => harmless(`  ${row.path}: ${row.state}${by(row)}: ${textOf(row)}`)),
    ...(changed.length > mostNamed ? [`  and ${changed.length - mostNamed} more`] : []),
  )
}
