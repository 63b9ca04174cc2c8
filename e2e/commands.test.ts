import { mkdtempSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pluginCommand } from './plugin-command.ts'
import { openSystem, type System, untilPhase } from './system.ts'

// Every command of `kubectl amx`, as its reference names them, run once as the built executable against the real API server and the
// real server; and every exit code.

interface Line {
  readonly words: readonly string[]
  /** What must be in what it prints. */
  readonly prints: RegExp
  readonly code?: number
}

const run = 'every-command'
const later = 'every-command-later'
const own = 'every-command-own'
const place = ['-d', 'demo-warehouse', '-l', 'built-in'] as const
const nightly = 'every-command-nightly'
const asset = 'events.job_log.message'

const folder = mkdtempSync(join(tmpdir(), 'amx-commands-'))
let system: System

beforeAll(() => {
  system = openSystem()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const amx = (...words: readonly string[]) => pluginCommand(system, words)

/** In the order in which one needs what another did. */
const lines: Readonly<Record<string, Line>> = {
  version: { words: [], prints: /^server \d/m },
  completion: { words: ['zsh'], prints: /^#compdef kubectl-amx/ },
  estimate: { words: ['events.job_log', ...place], prints: /6 columns/ },
  run: { words: ['events.job_log', ...place, '--name', run], prints: /metadatarun\.amx\.dev\/every-command created/ },
  watch: { words: [run], prints: /AwaitingReview/ },
  get: { words: [run, '-o', 'wide'], prints: /AwaitingReview/ },
  inspect: { words: ['events.job_log'], prints: /events\.job_log/ },
  review: { words: [run], prints: /terminal|accept/, code: 2 },
  describe: {
    words: ['events.job_log.finished_at', '-d', 'demo-warehouse', '--text', 'The end.', '--accept', '--name', own],
    prints: /every-command-own/,
  },
  skip: { words: [run, 'events.job_log'], prints: /1 skipped/ },
  reject: { words: [run, 'events.job_log.finished_at'], prints: /1 rejected/ },
  restore: { words: [run, 'events.job_log.finished_at'], prints: /1 restored/ },
  accept: { words: [run, asset, '--text', 'What the last line of the job said.'], prints: /1 accepted/ },
  versions: { words: [run, asset], prints: /v1/ },
  'pending list': { words: ['--run', run], prints: /events\.job_log\.message/ },
  'pending edit': { words: [asset, '--run', run, '--text', 'What the job said last.'], prints: /recorded/ },
  apply: { words: [run, '--yes', '--watch'], prints: /Succeeded|written|applied/i },
  audit: { words: ['first-run', '-o', 'csv'], prints: /,Applied,/ },
  rollback: { words: ['first-run', '--dry-run=server', '--yes'], prints: /created \(server dry run\)/ },
  'history asset': { words: [asset], prints: /What the job said last\./ },
  'history list': { words: [], prints: /every-command/ },
  'history show': { words: [run], prints: /every-command/ },
  'history results': { words: [run], prints: /events\.job_log\.message/ },
  'history events': { words: [run], prints: /events\.job_log/ },
  'history stats': { words: [], prints: /runs/i },
  compare: { words: [run, 'first-run'], prints: /EVERY-COMMAND +FIRST-RUN/ },
  doctor: { words: [], prints: /server/i },
  report: { words: ['-f', join(folder, 'report')], prints: /bytes/i },
  export: {
    words: ['events', '--state', 'applied', '--format', 'dbt', '-f', join(folder, 'schema.yml')],
    prints: /wrote/,
  },
  check: { words: ['events.job_log.message', '--minimum', '100%'], prints: /ok {6}coverage: 100\.0%/ },
  rerun: { words: [run, asset, '--watch'], prints: /AwaitingReview|Succeeded/ },
  variations: {
    words: [run, 'events.job_log.finished_at', '1', '--dry-run=server'],
    prints: /created \(server dry run\)/,
  },
  generate: { words: [asset, ...place, '--watch'], prints: /AwaitingReview|Succeeded/ },
  logs: { words: [run], prints: /draft/i },
  studio: { words: ['--no-open'], prints: /^https?:.*sign-in#code=/m },
  'pending drop': { words: ['--run', own, '--all', '--yes'], prints: /recorded/ },
  usage: { words: ['--by', 'run'], prints: /calls/i },
  prices: { words: ['--model', 'gpt-5'], prints: /gpt-5/ },
  suspend: { words: [later], prints: /metadatarun\.amx\.dev\/every-command-later/ },
  resume: { words: [later], prints: /goes on/ },
  'catalog refresh': { words: ['events', '-d', 'demo-warehouse', '--watch'], prints: /Succeeded|was read/ },
  'catalog list': { words: ['events', '-d', 'demo-warehouse'], prints: /events\.job_log +Table/ },
  'catalog show': { words: ['events.job_log', '-d', 'demo-warehouse'], prints: /^message /m },
  'schedule add': {
    words: ['events', ...place, '--name', nightly, '--cron', '0 6 * * 1-5', '--tz', 'Europe/Istanbul'],
    prints: /metadataschedule\.amx\.dev\/every-command-nightly created\nAt 06:00, Monday through Friday/,
  },
  'schedule list': { words: ['--all'], prints: /every-command-nightly/ },
  'schedule show': { words: [nightly], prints: /never fired/ },
  'schedule edit': { words: [nightly, '--cron', '0 7 * * *'], prints: /changed/ },
  'schedule pause': { words: [nightly], prints: /every-command-nightly/ },
  'schedule resume': { words: [nightly], prints: /every-command-nightly/ },
  'schedule run-now': { words: [nightly], prints: /is asked to fire now/ },
  'schedule dismiss': { words: [nightly], prints: /is asked to forget what it missed/ },
  'schedule status': { words: [], prints: /operator +Ok[\s\S]*the operator fires schedules/ },
  'schedule rm': { words: [nightly, '-y'], prints: /deleted/ },
  cancel: { words: [later], prints: /every-command-later/ },
}

/** Commands as the pages about them name them; a command of commands counts by its members. */
async function documentedCommands(): Promise<string[]> {
  const pages = resolve(import.meta.dirname, '../docs/reference/kubectl-amx')
  const texts = await Promise.all((await readdir(pages)).map((name) => readFile(join(pages, name), 'utf8')))
  const named = texts.flatMap((text) => [...text.matchAll(/^##? kubectl amx (.+)$/gm)].map(([, path = '']) => path))
  return named.filter((path) => !named.some((other) => other.startsWith(`${path} `)))
}

test('every command has a line here', async () => {
  expect(Object.keys(lines).sort()).toEqual((await documentedCommands()).sort())
})

describe('each command does what it is for', () => {
  beforeAll(async () => {
    const made = await amx('run', 'catalog', ...place, '--name', later)
    expect(made.complaint).toBe('')
  })

  for (const [path, { words, prints, code = 0 }] of Object.entries(lines)) {
    test(path, async () => {
      const spoken = await amx(...path.split(' '), ...words)
      expect(spoken.output + spoken.complaint).toMatch(prints)
      expect(spoken.code, spoken.complaint).toBe(code)
      // Nothing of a terminal where there is none.
      expect(spoken.output + spoken.complaint).not.toContain('\u001b')
    })
  }
})

describe('it ends with', () => {
  const oneLine = /^error: .+ \(AMX-\d{4}\)\n.+\n$/s

  test('1 when the server cannot be reached', async () => {
    const { code, complaint } = await amx('prices', '--server', 'https://127.0.0.1:9')
    expect([code, complaint]).toEqual([1, expect.stringMatching(oneLine)])
  })

  test('2 for a command line that is not right', async () => {
    expect(await amx('check', run, '--minimum', 'most')).toMatchObject({
      code: 2,
      complaint: expect.stringMatching(oneLine),
    })
    expect(await amx('no-such-command')).toMatchObject({ code: 2 })
  })

  test('3 for what does not exist', async () => {
    expect(await amx('cancel', 'no-such-run')).toMatchObject({ code: 3, complaint: expect.stringMatching(oneLine) })
  })

  test('4 for what the caller may not do', async () => {
    const { code, complaint } = await amx('cancel', run, '--as', 'nobody-in-particular')
    expect([code, complaint]).toEqual([4, expect.stringMatching(oneLine)])
  })

  test('5 after waiting too long', async () => {
    const { code, complaint } = await amx('skip', run, 'events.job_log', '--timeout', '1ms')
    expect([code, complaint]).toEqual([5, expect.stringMatching(oneLine)])
  })

  test('6 for a run that did not succeed', async () => {
    await untilPhase(system, later, 'Cancelled')
    expect(await amx('watch', later)).toMatchObject({ code: 6 })
  })

  test('7 for a name that is taken', async () => {
    const { code, complaint } = await amx('run', 'events', ...place, '--name', run)
    expect([code, complaint]).toEqual([7, expect.stringMatching(oneLine)])
  })

  test('8 for a gate that is shut', async () => {
    expect(await amx('check', '-d', 'demo-warehouse', '--minimum', '100%')).toMatchObject({ code: 8 })
  })
})
