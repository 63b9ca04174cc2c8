import { createHash } from 'node:crypto'

// Names of objects have at most 253 characters, values of labels 63.
const longestName = 253
const longestLabel = 63

/** The run of a time: one name per minute, so that two operators cannot make two of it. */
export function runNameAt(schedule: string, timeMs: number): string {
  return named(schedule, String(Math.floor(timeMs / 60_000)))
}

/** The run that a person asked for with a token. */
export function requestedRunName(schedule: string, uid: string, token: string): string {
  return named(schedule, `now-${digest(`${uid} ${token}`)}`)
}

/** The look at the catalog that comes after what the status says. */
export function checkName(schedule: string, after: readonly (string | number)[]): string {
  return named(schedule, `check-${digest(after.join(' '))}`)
}

/** The value of the label that names the schedule: of a long name its head and a digest. */
export function scheduleLabelValue(schedule: string): string {
  return shortened(schedule, longestLabel)
}

function named(schedule: string, tail: string): string {
  return `${shortened(schedule, longestName - tail.length - 1)}-${tail}`
}

function shortened(name: string, limit: number): string {
  if (name.length <= limit) return name
  const hash = digest(name)
  return `${name.slice(0, limit - hash.length - 1).replace(/[-.]+$/, '')}-${hash}`
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10)
}
