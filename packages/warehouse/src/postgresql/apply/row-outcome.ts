import {
  AmxError,
  type ApplyOutcome,
  type ApplyRow,
  type ApplyRowOutcome,
  applyOutcomes,
  type ErrorCode,
} from '@amx/api'
import type { FaultFacts } from './fault-facts.ts'
import { writeFault } from './write-fault.ts'

/** What happened to one row as the server reports it. */
export interface WrittenRow {
  /** One of the outcomes, or `FailedWithin` for a fault of COMMENT on an object that was there. */
  readonly outcome: string
  readonly oldText: string | null
  readonly sqlState: string | null
  readonly message: string | null
  /** Null where the fault was met inside a function. */
  readonly routine: string | null
}

interface Failure extends Pick<WrittenRow, 'routine'> {
  readonly sqlState: string
  readonly message: string
  /** Whether COMMENT itself had begun, on an object that was there. */
  readonly isWithin: boolean
}

/** Where a row was to be written, for its messages. */
interface RowContext {
  readonly target: string
  readonly statement: string | null
  /** Null where the server could not be asked any more. */
  readonly facts: FaultFacts | null
}

/** The outcome of a row with a catalogue error where it needs one. */
export function rowOutcome(row: ApplyRow, written: WrittenRow, context: RowContext): ApplyRowOutcome {
  if (written.sqlState !== null) {
    const { sqlState, message, routine } = written
    const isWithin = written.outcome === 'FailedWithin'
    return failedRow(row, { sqlState, message: message ?? '', routine, isWithin }, context, written.oldText)
  }
  const outcome = outcomeOf(written.outcome)
  const drifted = outcome === 'Drifted' ? new AmxError('AMX-2009', { asset: row.path }) : null
  return {
    rowId: row.rowId,
    outcome,
    oldText: written.oldText,
    statement: context.statement,
    error: drifted === null ? null : { ...drifted.report(), driverMessage: null },
  }
}

/** A row that the server refused, with its words kept beside ours. */
function failedRow(
  row: ApplyRow,
  failure: Failure,
  context: RowContext,
  oldText: string | null = null,
): ApplyRowOutcome {
  const code = codeFor(failure, context.facts)
  const driverMessage = `${failure.message} (SQLSTATE ${failure.sqlState})`
  const facts = factsOf(context.facts)
  const error = new AmxError(code, { ...facts, asset: row.path, target: context.target, detail: failure.message })
  return {
    rowId: row.rowId,
    outcome: code === 'AMX-2011' ? 'Missing' : 'Failed',
    oldText,
    statement: context.statement,
    error: { ...error.report(), driverMessage },
  }
}

/** A row that was never sent. */
export function refusedRow(row: ApplyRow, error: AmxError): ApplyRowOutcome {
  return {
    rowId: row.rowId,
    outcome: error.code === 'AMX-2010' ? 'Unsupported' : 'Failed',
    oldText: null,
    statement: null,
    error: { ...error.report(), driverMessage: null },
  }
}

/** What was refused to the role, told by its rights: the words of the server may be in any language. */
function codeFor(failure: Failure, facts: FaultFacts | null): ErrorCode {
  const code = writeFault({ ...failure, tookItsTime: false })
  if (failure.isWithin && code === 'AMX-2011') return 'AMX-2032'
  if (code !== 'AMX-2008' || facts === null) return code
  if (/^"(pg_.*|information_schema)"$/.test(facts.schema)) return 'AMX-2021'
  if (!facts.mayEnterSchema) return 'AMX-2020'
  // Who owns the object may comment on it: something else that COMMENT sets off was refused.
  if (facts.isOwner) return 'AMX-2032'
  return facts.ownerIsSuperuser ? 'AMX-2022' : code
}

function factsOf(facts: FaultFacts | null): Record<string, string> {
  const { role = 'WRITER', owner = '', object = 'TABLE …', schema = '', holders = '', encoding = '' } = facts ?? {}
  return { role, owner: owner === '' ? 'OWNER' : owner, object, schema, holders, encoding }
}

function outcomeOf(text: string): ApplyOutcome {
  const found = applyOutcomes.find((outcome) => outcome === text)
  if (found === undefined) throw new AmxError('AMX-9001', { detail: `the apply function answered "${text}"` })
  return found
}
