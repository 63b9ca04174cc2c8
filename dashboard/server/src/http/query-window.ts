import { parseDurationMs } from '@amx/api'
import type { Request } from 'express'
import { queryText, queryTime } from './query.ts'

const dayMs = 86_400_000

/**
 * The time a report is about: from `since`, else as far back from `until` as `window` says (`today` from midnight UTC, `all`, or
 * a length such as 12h, 7d or 4w; 30d when nothing is given), to `until`, else now. Throws AMX-1001 for a window that is none.
 */
export function queryWindow(request: Request, now: Date): { readonly since: Date; readonly until: Date } {
  const until = queryTime(request, 'until') ?? now
  return { since: queryTime(request, 'since') ?? beginOf(queryText(request, 'window') ?? '30d', until), until }
}

function beginOf(window: string, until: Date): Date {
  if (window === 'all') return new Date(0)
  if (window === 'today') return new Date(Math.floor(until.getTime() / dayMs) * dayMs)
  return new Date(until.getTime() - lengthMs(window))
}

/** A length of time, also in days and weeks. */
function lengthMs(text: string): number {
  const [, amount, unit] = /^(\d{1,4})([dw])$/.exec(text) ?? []
  if (amount === undefined) return parseDurationMs(text, 'window')
  return Number(amount) * (unit === 'w' ? 7 * dayMs : dayMs)
}
