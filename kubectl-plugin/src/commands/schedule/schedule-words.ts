import { defaults, type MetadataRunSpec, type MetadataSchedule, type MetadataScheduleSpec } from '@amx/api'
import { firingWords, nextTimes, zonedTime } from './firing-times.ts'

const timesShown = 5

/** What somebody who makes a schedule ought to know: when it fires, what its runs do, what is written. Pure. */
export function headsUp(spec: MetadataScheduleSpec, now: Date): string[] {
  const zone = spec.timeZone ?? defaults.schedule.timeZone
  const times = nextTimes(spec, timesShown, now)
  const last = times.length > 1 ? `The next ${times.length} times:` : 'The next time:'
  return [
    `${firingWords(spec)}.`,
    ...(times.length === 0 ? [] : [last, ...times.map((time) => `  ${zonedTime(time, zone)}`)]),
    ...workWords(spec.runTemplate.spec),
    ...(spec.suspend ? ['It is paused: `kubectl amx schedule resume` lets it fire.'] : []),
  ]
}

function workWords(run: MetadataRunSpec): string[] {
  const what = `${scopeWords(run)} of ${databaseWords(run)}`
  if (run.type === 'Refresh') return [`Each run reads the catalog of ${what} again. No model is asked.`]
  return [
    `Each run drafts ${what} with ${run.llmProfileRef?.name ?? 'its model'}; what exists when it fires is covered, new tables too.`,
    reviewWords(run),
    writeWords(run),
  ]
}

/** What a run covers, in a few words. Pure. */
export function scopeWords({ targets }: Pick<MetadataRunSpec, 'targets'>): string {
  const { include, tablePattern, missingOnly } = targets?.[0]?.scope ?? {}
  const assets = include === undefined || include.length === 0 ? 'everything' : include.join(', ')
  return [assets, tablePattern && `tables matching ${tablePattern}`, missingOnly && 'without a comment']
    .filter(Boolean)
    .join(', ')
}

/** The databases of a run. Pure. */
export function databaseWords({ targets }: Pick<MetadataRunSpec, 'targets'>): string {
  const names = (targets ?? []).map(({ databaseProfileRef, database }) =>
    database === undefined ? databaseProfileRef.name : `${databaseProfileRef.name}/${database}`,
  )
  return names.join(', ') || '-'
}

function reviewWords({ review }: MetadataRunSpec): string {
  if (review?.strategy !== 'Auto') return 'A person reviews every draft.'
  return review.accept === 'All'
    ? 'Every draft is accepted by itself.'
    : 'Drafts of the band High are accepted by themselves; a person reviews the rest.'
}

function writeWords({ apply }: MetadataRunSpec): string {
  if (apply?.dryRun) return 'Nothing is written: the statements are shown.'
  return apply?.policy === 'OnAccept'
    ? 'What is accepted is written to the database without another question.'
    : 'Accepted texts wait in the queue; `kubectl amx apply` writes them.'
}

/** Where a schedule stands. What the operator did not say is not made up. Pure. */
export function phaseWords({ spec, status }: Pick<MetadataSchedule, 'spec' | 'status'>): string {
  return status?.phase ?? (spec.suspend ? 'Paused' : 'Unattended')
}
