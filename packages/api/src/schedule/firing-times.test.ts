import { describe, expect, test } from 'vitest'
import { firingTimes } from './firing-times.ts'

type When = Parameters<typeof firingTimes>[0]

function next(when: When, from: string, count = 3): string[] {
  return firingTimes(when)
    .after(Date.parse(from), count)
    .map((time) => new Date(time).toISOString().slice(0, 16))
}

function between(when: When, after: string, until: string, count = 10): string[] {
  return firingTimes(when)
    .between(Date.parse(after), Date.parse(until), count)
    .map((time) => new Date(time).toISOString().slice(0, 16))
}

const berlin = 'Europe/Berlin'

describe('times of a cron', () => {
  test.each<[string, When, string, string[]]>([
    [
      'are those of the zone',
      { cron: '0 6 * * 1-5', timeZone: 'Europe/Istanbul' },
      '2026-11-20T03:00:00Z',
      ['2026-11-23T03:00', '2026-11-24T03:00', '2026-11-25T03:00'],
    ],
    [
      'are of UTC without a zone',
      { cron: '30 5 * * *' },
      '2026-12-31T05:29:59Z',
      ['2026-12-31T05:30', '2027-01-01T05:30', '2027-01-02T05:30'],
    ],
    [
      'in an hour that is left out come at its end, once',
      { cron: '*/15 2 * * *', timeZone: berlin },
      '2027-03-28T00:00:00Z',
      ['2027-03-28T01:00', '2027-03-29T00:00', '2027-03-29T00:15'],
    ],
    [
      'at the end of an hour that is left out are not there twice',
      { cron: '*/30 * * * *', timeZone: berlin },
      '2027-03-28T00:00:00Z',
      ['2027-03-28T00:30', '2027-03-28T01:00', '2027-03-28T01:30'],
    ],
    [
      'in an hour that comes twice are at its first',
      { cron: '30 2 * * *', timeZone: berlin },
      '2027-10-30T12:00:00Z',
      ['2027-10-31T00:30', '2027-11-01T01:30', '2027-11-02T01:30'],
    ],
    [
      'asked for in the second of two hours are those after it',
      { cron: '30 2 * * *', timeZone: berlin },
      '2027-10-31T01:10:00Z',
      ['2027-11-01T01:30', '2027-11-02T01:30', '2027-11-03T01:30'],
    ],
    [
      'of half an hour of change are right too',
      { cron: '15 2 * * *', timeZone: 'Australia/Lord_Howe' },
      '2026-10-02T16:00:00Z',
      ['2026-10-03T15:30', '2026-10-04T15:15', '2026-10-05T15:15'],
    ],
    [
      'of 29 February are in leap years',
      { cron: '0 0 29 2 *' },
      '2026-11-21T00:00:00Z',
      ['2028-02-29T00:00', '2032-02-29T00:00', '2036-02-29T00:00'],
    ],
    ['of no day there is are none', { cron: '0 0 30 2 *' }, '2026-11-21T00:00:00Z', []],
  ])('%s', (_, when, from, expected) => {
    expect(next(when, from)).toEqual(expected)
  })

  test('that are over are found from the newest on', () => {
    expect(between({ cron: '0 * * * *' }, '2026-11-14T10:00:00Z', '2026-11-21T10:00:00Z', 3)).toEqual([
      '2026-11-21T08:00',
      '2026-11-21T09:00',
      '2026-11-21T10:00',
    ])
    expect(between({ cron: '0 6 * * *' }, '2026-11-19T06:00:00Z', '2026-11-21T05:59:59Z')).toEqual(['2026-11-20T06:00'])
  })

  test('that are over fall together where an hour is left out, as those to come do', () => {
    const when = { cron: '*/15 2 * * *', timeZone: berlin }
    expect(between(when, '2027-03-27T12:00:00Z', '2027-03-28T00:59:59Z')).toEqual([])
    expect(between(when, '2027-03-27T12:00:00Z', '2027-03-28T01:00:00Z')).toEqual(['2027-03-28T01:00'])
    expect(between(when, '2027-03-28T01:00:00Z', '2027-03-28T12:00:00Z')).toEqual([])
  })

  test('that come twice are over after their first', () => {
    const when = { cron: '30 2 * * *', timeZone: berlin }
    expect(between(when, '2027-10-30T12:00:00Z', '2027-10-31T01:00:00Z')).toEqual(['2027-10-31T00:30'])
    expect(between(when, '2027-10-31T00:30:00Z', '2027-10-31T12:00:00Z')).toEqual([])
  })

  test('are the same whether they are to come or over, over two changes of clocks', () => {
    const when = { cron: '*/20 1-3 * * *', timeZone: berlin }
    for (const day of ['2027-03-28', '2027-10-31']) {
      const [from, until] = [Date.parse(`${day}T00:00:00Z`) - 3_600_000, Date.parse(`${day}T05:00:00Z`)]
      const coming = firingTimes(when)
        .after(from, 20)
        .filter((time) => time <= until)
      expect(firingTimes(when).between(from, until, 20)).toEqual(coming)
    }
  })
})

test('a time fires once, by the clocks of its zone', () => {
  const when = { at: '2027-03-28T02:30', timeZone: berlin }
  expect(next(when, '2026-11-21T00:00:00Z')).toEqual(['2027-03-28T01:00'])
  expect(next(when, '2027-03-28T01:00:00Z')).toEqual([])
  expect(next({ at: '2026-12-31T09:00:30', timeZone: 'Europe/Istanbul' }, '2026-11-21T00:00:00Z')).toEqual([
    '2026-12-31T06:00',
  ])
})

test('a schedule of changes has no times', () => {
  expect(next({}, '2026-11-21T00:00:00Z')).toEqual([])
})

test.each<[When, string]>([
  [{ cron: '61 6 * * *' }, 'cron "61 6 * * *"'],
  [{ cron: '0 6 * * *', timeZone: 'Mars/Base' }, 'timeZone "Mars/Base": that is no IANA time zone'],
  [{ at: '2027-02-30T09:00' }, 'at "2027-02-30T09:00": there is no such time'],
])('%j is refused', (when, problem) => {
  expect(() => firingTimes(when)).toThrow(problem)
})
