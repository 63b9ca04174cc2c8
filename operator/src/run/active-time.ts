import { type MetadataRunStatus, parseDurationMs } from '@amx/api'

/**
 * How long a run was active, in milliseconds: what its status remembers from before its last rest, and the time since it
 * became active again. Waiting for a person and being suspended are rest.
 */
export function activeMs(status: MetadataRunStatus | undefined, nowMs: number): number {
  const rememberedMs = status?.duration === undefined ? 0 : parseDurationMs(status.duration, 'status.duration')
  const reconciling = status?.conditions?.find((condition) => condition.type === 'Reconciling')
  if (reconciling?.status !== 'True') return rememberedMs
  // A run that waits for a profile has not begun: only what comes after the settings were frozen counts.
  if (status?.startTime === undefined) return rememberedMs
  const sinceMs = Math.max(Date.parse(reconciling.lastTransitionTime), Date.parse(status.startTime))
  return rememberedMs + Math.max(0, nowMs - sinceMs)
}

/** A length of time as `status.duration` has it, such as `2m13s`; whole seconds, rounded up. */
export function durationText(durationMs: number): string {
  const seconds = Math.ceil(durationMs / 1000)
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60]
  if (hours > 0) return `${hours}h${minutes}m${rest}s`
  return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`
}
