import { describe, expect, test } from 'vitest'
import { firingWords, nextTimes, zonedTime } from './firing-times.ts'
import { mergePatchOf } from './merge-patch.ts'
import { scheduleManifest, whenOf } from './schedule-manifest.ts'
import { headsUp } from './schedule-words.ts'

const place = { namespace: 'team-a', now: new Date('2026-11-21T08:07:55Z') }
const nightly = { name: 'nightly', database: ['pg'], llm: 'openai' }

test('a manifest says no more than what was asked for', () => {
  const options = { ...nightly, cron: '0 6 * * 1-5', tz: 'Europe/Istanbul', missed: 'run-once' as const }
  expect(scheduleManifest(['sales'], options, place)).toEqual({
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'MetadataSchedule',
    metadata: { name: 'nightly', namespace: 'team-a', labels: { 'amx.dev/origin': 'plugin' } },
    spec: {
      cron: '0 6 * * 1-5',
      timeZone: 'Europe/Istanbul',
      missed: 'RunOnce',
      runTemplate: {
        spec: {
          type: 'Analyze',
          targets: [{ databaseProfileRef: { name: 'pg' }, scope: { include: ['sales'] } }],
          llmProfileRef: { name: 'openai' },
        },
      },
    },
  })
})

test('changes are named or all', () => {
  expect(whenOf({ onChange: 'added,TypeChanged', checkEvery: '1h' })).toEqual({
    onChange: { changes: ['Added', 'TypeChanged'], checkEvery: '1h' },
  })
  expect(whenOf({ onChange: 'all' })).toEqual({ onChange: {} })
})

test.each([
  [{ cron: '0 6 * *' }, 'cron "0 6 * *"'],
  [{ cron: '61 6 * * *' }, 'cron "61 6'],
  [{ cron: '0 6 * * *', tz: 'Mars/Base' }, 'no IANA time zone'],
  [{ cron: '0 6 * * *', at: '2026-12-31T09:00' }, 'exclude each other'],
  [{ onChange: 'Renamed' }, 'write Added, TypeChanged, Dropped or all'],
  [{ cron: '0 6 * * *', checkEvery: '1h' }, 'belong to --on-change'],
])('%j is refused', (when, problem) => {
  expect(() => whenOf(when)).toThrow(problem)
})

describe('what is said of a schedule', () => {
  test('reads the cron in plain words, and gives five times by the clocks of its zone', () => {
    const { spec } = scheduleManifest([], { ...nightly, cron: '0 6 * * 1-5', tz: 'Europe/Istanbul' }, place)
    expect(headsUp(spec, place.now)).toEqual([
      'At 06:00, Monday through Friday (Europe/Istanbul).',
      'The next 5 times:',
      ...['Mon 2026-11-23', 'Tue 2026-11-24', 'Wed 2026-11-25', 'Thu 2026-11-26', 'Fri 2026-11-27'].map(
        (day) => `  ${day} 06:00`,
      ),
      'Each run drafts everything of pg with openai; what exists when it fires is covered, new tables too.',
      'A person reviews every draft.',
      'Accepted texts wait in the queue; `kubectl amx apply` writes them.',
    ])
  })

  test('tells that writing is not asked about', () => {
    const { spec } = scheduleManifest([], { ...nightly, at: '2026-12-31T09:00', review: 'auto', apply: true }, place)
    expect(headsUp(spec, place.now).slice(-2)).toEqual([
      'Drafts of the band High are accepted by themselves; a person reviews the rest.',
      'What is accepted is written to the database without another question.',
    ])
  })
})

test('a time of day that a change of clocks leaves out is the next one there is', () => {
  const spec = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' }
  const [first] = nextTimes(spec, 1, new Date('2027-03-27T12:00:00Z'))
  expect(first && zonedTime(first, spec.timeZone)).toBe('Sun 2027-03-28 03:00')
})

test('changes have no times', () => {
  expect(nextTimes({ onChange: {} }, 5, place.now)).toEqual([])
  expect(firingWords({ onChange: { changes: ['Added'] } })).toBe(
    'When the catalog changes (Added): looked at every 10m, at most one run in 6h',
  )
})

test.each([
  [{ a: 1, b: { c: 2 } }, { a: 1, b: { c: 3 } }, { b: { c: 3 } }],
  [{ a: 1, b: 2 }, { b: 2 }, { a: null }],
  [{ a: [1, 2] }, { a: [2] }, { a: [2] }],
  [{ a: [1] }, { a: [1] }, undefined],
])('from %j to %j it takes %j', (before, after, patch) => {
  expect(mergePatchOf(before, after)).toEqual(patch)
})
