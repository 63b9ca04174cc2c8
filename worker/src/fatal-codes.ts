import type { ErrorCode } from '@amx/api'

/** Faults that every other unit of the run would meet as well: the run stops at once, with the remedy in its status. */
export const fatalCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'AMX-1001',
  'AMX-1002',
  'AMX-1016',
  'AMX-2002',
  'AMX-2006',
  'AMX-2007',
  'AMX-2012',
  'AMX-3001',
  'AMX-3002',
  'AMX-3003',
  'AMX-3010',
])
