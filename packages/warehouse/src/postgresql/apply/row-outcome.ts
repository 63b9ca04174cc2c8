import { AmxError, type ApplyOutcome, type ApplyRow, type ApplyRowOutcome, applyOutcomes } from '@amx/api'
import { codeWhenWriting } from '../server-error.ts'

/** What happened to one row as the server reports it. */
export interface WrittenRow {
  readonly outcome: string
  readonly oldText: string | null
  readonly sqlState: string | null
  readonly message: string | null
}

/** Where a row was to be written, for its messages. */
interface RowContext {
  readonly target: string
  readonly statement: string | null
}

/** The outcome of a row with a catalogue error where it needs one. */
export function rowOutcome(row: ApplyRow, written: WrittenRow, context: RowContext): ApplyRowOutcome {
  if (written.sqlState !== null) {
    return failedRow(row, { sqlState: written.sqlState, message: written.message ?? '' }, context, written.oldText)
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
export function failedRow(
  row: ApplyRow,
  failure: { readonly sqlState: string; readonly message: string },
  context: RowContext,
  oldText: string | null = null,
): ApplyRowOutcome {
  const code = codeWhenWriting(failure.sqlState)
  const driverMessage = `${failure.message} (SQLSTATE ${failure.sqlState})`
  const error = new AmxError(code, { asset: row.path, target: context.target, detail: failure.message })
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

function outcomeOf(text: string): ApplyOutcome {
  const found = applyOutcomes.find((outcome) => outcome === text)
  if (found === undefined) throw new AmxError('AMX-9001', { detail: `the apply function answered "${text}"` })
  return found
}
