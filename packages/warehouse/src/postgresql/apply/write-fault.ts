import type { ErrorCode } from '@amx/api'
import { isConnectionLimit } from '../server-error.ts'

/** What PostgreSQL says about a comment it did not take. */
interface Fault {
  readonly sqlState: string
  readonly message: string
  /** Null where the fault was met inside a function, which is not told. */
  readonly routine: string | null
  /** Whether the statement had run as long as one may. */
  readonly tookItsTime: boolean
}

/** Codes of the states that a COMMENT can end with; what is not here is passed on in the words of the server. */
const byState: Readonly<Record<string, ErrorCode>> = {
  '22021': 'AMX-2030',
  '22P05': 'AMX-2030',
  '25006': 'AMX-2012',
  '25P03': 'AMX-2023',
  '25P04': 'AMX-2023',
  '28000': 'AMX-2002',
  '28P01': 'AMX-2002',
  '3D000': 'AMX-2007',
  '3F000': 'AMX-2011',
  '40001': 'AMX-2025',
  '40P01': 'AMX-2025',
  '42501': 'AMX-2008',
  '42703': 'AMX-2011',
  '42704': 'AMX-2011',
  '42809': 'AMX-2031',
  '42939': 'AMX-2021',
  '42P01': 'AMX-2011',
  '53000': 'AMX-2027',
  '53100': 'AMX-2026',
  '53200': 'AMX-2027',
  '53300': 'AMX-2013',
  '53400': 'AMX-2027',
  '55006': 'AMX-2033',
  '55P03': 'AMX-2037',
  '57014': 'AMX-2024',
  '57P01': 'AMX-2001',
  '57P02': 'AMX-2001',
  '57P03': 'AMX-2001',
  '57P04': 'AMX-2007',
  '57P05': 'AMX-2001',
  '58000': 'AMX-2028',
  '58030': 'AMX-2028',
  '58P01': 'AMX-2028',
  '0A000': 'AMX-2034',
}

/** Whole classes, by the first two characters of the state. */
const byClass: Readonly<Record<string, ErrorCode>> = {
  '08': 'AMX-2001',
  '23': 'AMX-2032',
  '38': 'AMX-2032',
  '39': 'AMX-2032',
  '54': 'AMX-2029',
  P0: 'AMX-2032',
  XX: 'AMX-2028',
}

/** The catalogue code of a fault when writing a comment: told by its state, in whatever language the server speaks. */
export function writeFault(fault: Fault): ErrorCode {
  const { sqlState } = fault
  if (sqlState === '57014' && fault.tookItsTime) return 'AMX-2023'
  if (isConnectionLimit(fault)) return 'AMX-2035'
  // A server in recovery refuses locks with the state of an object that is not ready.
  if (sqlState === '55000' && fault.routine === 'LockAcquireExtended') return 'AMX-2012'
  // Two sessions that write the same catalog row: the second is told in the state of an internal error. PostgreSQL translates
  // no message of an internal error.
  if (sqlState === 'XX000' && /tuple concurrently (updated|deleted)/.test(fault.message)) return 'AMX-2025'
  return byState[sqlState] ?? byClass[sqlState.slice(0, 2)] ?? 'AMX-2099'
}
