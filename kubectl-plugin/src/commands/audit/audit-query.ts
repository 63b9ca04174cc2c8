import type { ApplyOutcome } from '@amx/api'
import { canonicalAssetPath } from '@amx/api'
import type { AuditQuery } from '../../connection/audit-calls.ts'
import { usageError } from '../../connection/connection-options.ts'

export interface AuditOptions {
  readonly since?: string
  readonly until?: string
  readonly by?: string
  readonly asset?: string
  readonly outcome?: ApplyOutcome
  readonly target?: string
}

/** The filters of a command line as the server takes them. Pure; throws AMX-1011 and AMX-1014. */
export function auditQuery(options: AuditOptions, now: Date): AuditQuery {
  const { since, until, by, asset, outcome, target } = options
  return {
    ...(since !== undefined && { since: timeOf(since, '--since', now) }),
    ...(until !== undefined && { until: timeOf(until, '--until', now) }),
    ...(by !== undefined && { by }),
    ...(asset !== undefined && { asset: canonicalAssetPath(asset) }),
    ...(outcome !== undefined && { outcome: [outcome] }),
    ...(target !== undefined && { target }),
  }
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** A time as people write it: a day, an instant, or how long ago, such as 24h or 7d. */
function timeOf(text: string, flag: string, now: Date): string {
  const ago = /^(\d{1,5})([mhdw])$/.exec(text)
  if (ago !== null) {
    const lengthMs = Number(ago[1]) * unitMs[ago[2] as keyof typeof unitMs]
    return new Date(now.getTime() - lengthMs).toISOString()
  }
  const time = new Date(text)
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(time.getTime())) return time.toISOString()
  throw usageError(
    `${flag} ${text}: write how long ago, such as 24h or 7d, or a time such as 2026-11-21 or 2026-11-21T08:00:00Z`,
  )
}
