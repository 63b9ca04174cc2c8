import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BuiltPlugin, buildPlugin } from './built-plugin-fixture.ts'
import { changeRow, runSummary } from './results/run-summary-fixture.ts'
import { type StoredRunsFixture, serveStoredRuns } from './stored-runs-fixture.ts'
import { openTerminal } from './terminal-fixture.ts'

// The built executable on a terminal of its own, left at its questions.

let served: StoredRunsFixture
let plugin: BuiltPlugin

beforeAll(async () => {
  served = await serveStoredRuns([{ summary: runSummary('nightly'), changes: [changeRow('sales.customer')] }])
  plugin = await buildPlugin(served.folder)
})
afterAll(() => served.stop())

test.each([
  ['a question', ['rollback', 'nightly'], 'Put back 1 comment', 'ctrl-c', 130],
  ['a question', ['rollback', 'nightly'], 'Put back 1 comment', 'ctrl-d', 0],
  ['a choice', ['schedule', 'add', '--all', '-d', 'pg', '-l', 'llm'], 'When does it fire', 'ctrl-c', 130],
  ['a choice', ['schedule', 'add', '--all', '-d', 'pg', '-l', 'llm'], 'When does it fire', 'ctrl-d', 130],
])('%s of %j (%s) left with %s ends with %i, and with nothing done', async (_, words, question, key, code) => {
  const env = { ...served.env, PATH: process.env['PATH'], HOME: served.folder, TERM: 'xterm' }
  const terminal = openTerminal(process.execPath, [plugin.path, ...words], { columns: 100, rows: 30, env })
  try {
    await terminal.until(question)
    terminal.press(key)
    expect((await terminal.exited).code).toBe(code)
    expect(terminal.screen().join('\n')).toContain('nothing was')
    expect(served.posted).toEqual([])
  } finally {
    terminal.close()
  }
})
