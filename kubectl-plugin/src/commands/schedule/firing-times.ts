import { defaults, firingTimes, type MetadataScheduleSpec } from '@amx/api'
import { toString as cronWords } from 'cronstrue'

type When = Pick<MetadataScheduleSpec, 'at' | 'cron' | 'onChange' | 'timeZone'>

/** When a schedule fires, in words: `At 06:00, Monday through Friday (Europe/Istanbul)`. Pure. */
export function firingWords({ at, cron, onChange, timeZone = defaults.schedule.timeZone }: When): string {
  if (at !== undefined) return `Once, at ${at.replace('T', ' ')} (${timeZone})`
  if (cron !== undefined) {
    return `${cronWords(cron, { use24HourTimeFormat: true, throwExceptionOnParseError: false })} (${timeZone})`
  }
  const { changes, minimumInterval, checkEvery } = { ...defaults.schedule.onChange, ...onChange }
  return `When the catalog changes (${changes.join(', ')}): looked at every ${checkEvery}, at most one run in ${minimumInterval}`
}

/** The next times a schedule fires after `from`; none for changes. Throws AMX-1081 for a cron, a time or a zone that is none. */
export function nextTimes(spec: When, count: number, from: Date): Date[] {
  return firingTimes(spec)
    .after(from.getTime(), count)
    .map((time) => new Date(time))
}

/** A time as its zone's clocks show it: `Mon 2026-11-23 06:00`. */
export function zonedTime(time: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(time)
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? ''
  return `${of('weekday')} ${of('year')}-${of('month')}-${of('day')} ${of('hour')}:${of('minute')}`
}
