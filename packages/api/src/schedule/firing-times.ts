import { Cron } from 'croner'
import { AmxError } from '../errors/amx-error.ts'
import { defaults } from '../resources/defaults.ts'
import type { MetadataScheduleSpec } from '../resources/metadata-schedule.ts'
import { openTimeZone, type TimeZone } from './zoned-time.ts'

/** When a schedule fires by the clock; for one that fires on changes, never. */
export interface FiringTimes {
  /** The next times after an instant, oldest first, as milliseconds since the epoch. */
  after(instantMs: number, count: number): number[]
  /** The last times after one instant and up to another, oldest first. */
  between(afterMs: number, untilMs: number, count: number): number[]
}

/**
 * Times of `at` and `cron` in `timeZone`. A local time that a change of clocks leaves out is the first instant after the gap; one
 * that comes twice is its first. The pattern is read on a wall clock without changes (croner alone leaves a day out where its time
 * is in the gap). Throws AMX-1081 for a pattern, a time or a zone that is none.
 */
export function firingTimes(spec: Pick<MetadataScheduleSpec, 'at' | 'cron' | 'timeZone'>): FiringTimes {
  const { at, cron, timeZone = defaults.schedule.timeZone } = spec
  const zone = readZone(timeZone)
  if (at !== undefined) return once(zone.instantOf(readTime(at)))
  return cron === undefined ? once(null) : repeated(readCron(cron), zone)
}

function once(time: number | null): FiringTimes {
  const times = time === null ? [] : [time]
  return {
    after: (instant, count) => times.filter((one) => one > instant).slice(0, count),
    between: (after, until, count) => times.filter((one) => one > after && one <= until).slice(0, count),
  }
}

function repeated(pattern: Cron, zone: TimeZone): FiringTimes {
  return {
    after(instant, count) {
      const times: number[] = []
      let wall = zone.wallOf(instant)
      while (times.length < count) {
        const next = pattern.nextRun(new Date(wall))
        if (next === null) break
        wall = next.getTime()
        const time = zone.instantOf(wall)
        // Several wall times of one gap are the same instant; those that come twice were at their first.
        if (time > (times.at(-1) ?? instant)) times.push(time)
      }
      return times
    },
    between(after, until, count) {
      const times: number[] = []
      let wall = zone.latestWallOf(until) + 1
      while (times.length < count) {
        const [previous] = pattern.previousRuns(1, new Date(wall))
        if (previous === undefined) break
        wall = previous.getTime()
        const time = zone.instantOf(wall)
        if (time <= after) break
        if (time <= until && time !== times.at(-1)) times.push(time)
      }
      return times.reverse()
    },
  }
}

function readZone(name: string): TimeZone {
  try {
    return openTimeZone(name)
  } catch {
    throw new AmxError('AMX-1081', { field: 'timeZone', value: name, problem: 'that is no IANA time zone' })
  }
}

/** A local time, with seconds or without, as its wall clock. */
function readTime(text: string): number {
  const wall = Date.parse(`${text.padEnd(19, ':00')}Z`)
  // The thirtieth of February is taken for the second of March.
  if (Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(text)) {
    throw new AmxError('AMX-1081', { field: 'at', value: text, problem: 'there is no such time' })
  }
  return wall
}

function readCron(text: string): Cron {
  try {
    return new Cron(text, { timezone: 'Etc/UTC', paused: true, mode: '5-part' })
  } catch (error) {
    throw new AmxError('AMX-1081', { field: 'cron', value: text, problem: (error as Error).message })
  }
}
