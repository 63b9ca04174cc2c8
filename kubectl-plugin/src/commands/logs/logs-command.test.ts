import type { LogLine, LogPage } from '@amx/api'
import { afterEach, expect, test } from 'vitest'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'

let fixture: StoredRunsFixture | undefined
afterEach(() => fixture?.stop())

const path = '/api/v1/namespaces/team-a/runs/nightly/logs'
const line = (id: number, change: Partial<LogLine> = {}): LogLine => ({
  id: String(id),
  time: `2026-11-21T08:00:0${id}.000Z`,
  stage: 'draft',
  level: 'info',
  message: `line ${id}`,
  pod: 'nightly-draft-1-x',
  facts: { batch: id },
  ...change,
})
const page = (lines: readonly LogLine[], change: Partial<LogPage> = {}): LogPage => ({
  lines: [...lines],
  next: lines.at(-1)?.id ?? null,
  more: false,
  finished: true,
  ...change,
})

test('lines of a run are printed with time, level, stage and facts, and cannot steer the terminal', async () => {
  const odd = line(2, { level: 'warn', message: 'slow \u001b[2J query', facts: null })
  fixture = await serveStoredRuns([], 2, { answers: { [path]: page([line(1), odd]) } })
  const { code, stdout } = await fixture.amx([
    'logs',
    'nightly',
    '--stage',
    'draft',
    '--level',
    'info',
    '--since',
    '10m',
  ])
  expect(code).toBe(0)
  expect(stdout.split('\n')).toEqual([
    '2026-11-21T08:00:01.000Z  INFO   draft    line 1  batch=1',
    '2026-11-21T08:00:02.000Z  WARN   draft    slow \uFFFD[2J query',
    '',
  ])
  const [asked = ''] = fixture.asked.filter((one) => one.includes('/logs'))
  const query = new URL(asked.split(' ')[1] ?? '', 'http://server').searchParams
  expect(Object.fromEntries(query)).toMatchObject({ stage: 'draft', level: 'info', since: '2026-11-21T07:57:55.000Z' })
})

test('the last lines alone, and each as JSON', async () => {
  fixture = await serveStoredRuns([], 2, { answers: { [path]: page([line(1), line(2), line(3)]) } })
  const { stdout } = await fixture.amx(['logs', 'nightly', '--tail', '2', '-o', 'json'])
  expect(
    stdout
      .trim()
      .split('\n')
      .map((text) => (JSON.parse(text) as LogLine).id),
  ).toEqual(['2', '3'])
})

test('a run that wrote nothing is no error', async () => {
  fixture = await serveStoredRuns([], 2, { answers: { [path]: page([]) } })
  const { code, stdout, stderr } = await fixture.amx(['logs', 'nightly'])
  expect([code, stdout, stderr]).toEqual([0, '', 'no line of run "nightly" is kept\n'])
})

test.each([
  [['--since', 'yesterday'], /--since/],
  [['--since', '2026-99-99'], /"2026-99-99" is no time/],
  [['--tail', 'many'], /"many" is no number of lines/],
  [['--level', 'loud'], /Allowed choices/],
])('%j is a wrong use', async (args, words) => {
  fixture = await serveStoredRuns([])
  const { code, stderr } = await fixture.amx(['logs', 'nightly', ...args])
  expect(code).toBe(2)
  expect(stderr).toMatch(words)
  expect(fixture.asked).toEqual([])
})

test('a run that the server does not know, and whose pods are gone, is not found', async () => {
  fixture = await serveStoredRuns([])
  const { code, stderr } = await fixture.amx(['logs', 'absent'])
  expect(code).toBe(3)
  expect(stderr).toContain('AMX-1013')
})
