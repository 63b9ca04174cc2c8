import { PassThrough, Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { runCommandLine } from './command-fixture.ts'
import { complain, remark } from './command-io.ts'
import { commandPath, commandsBelow } from './command-path.ts'
import { silentProgram } from './reference/all-pages.ts'

const interactive = { stdin: false, stdout: false }

const run = ['run', '--database', 'prod-pg', '--llm', 'built-in', '--dry-run', 'client']

describe('usage', () => {
  test.each([
    ['no command', []],
    ['a command that does not exist', ['analyse']],
    ['a flag that does not exist', ['get', '--colour']],
    ['a required flag left out', ['run', '--llm', 'built-in']],
    ['a choice that is none', ['get', '-o', 'xml']],
    ['an asset path that is none', [...run, 'Sales']],
    ['a length of time that is none', ['watch', '--timeout', 'soon']],
    ['--watch with nothing to follow', [...run, '--watch']],
    ['--accept without --review auto', [...run, '--accept', 'all']],
    ['a limit that is no number', [...run, '--limit', 'ten']],
    ['result filters without --results', ['get', '--band', 'Low']],
    ['review off a terminal', ['review', 'first']],
    ['an apply off a terminal without --yes', ['apply', 'first']],
    ['accept without a choice', ['accept', 'first']],
    ['accept with two choices', ['accept', 'first', 'sales', '--high']],
    ['own words for two assets', ['accept', 'first', 'a', 'b', '--text', 'x']],
    ['an alternative out of range', ['accept', 'first', 'a', '--alternative', '6']],
  ])('%s exits with 2 and says so on standard error', async (_, args) => {
    const { code, stdout, stderr } = await runCommandLine(args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).not.toBe('')
  })

  test('a near miss is answered with the command that was meant', async () => {
    expect((await runCommandLine(['wach'])).stderr).toContain('Did you mean watch?')
  })

  test('help exits with 0 and goes to standard output', async () => {
    const { code, stdout, stderr } = await runCommandLine(['run', '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('--missing-only')
    expect(stderr).toBe('')
  })

  test('an error is a line with its code and a line with what to do', async () => {
    const { stderr } = await runCommandLine([...run, 'sales.Order'])
    expect(stderr).toBe(
      'error: "sales.Order" is not an asset path: write this part in double quotes: "Order" (character 7) (AMX-1011)\n' +
        'Write schema.table.column; a part with upper-case letters, dots or spaces goes in double quotes.\n',
    )
  })
})

describe('--quiet', () => {
  const leaves = commandsBelow(silentProgram()).filter(({ commands }) => commands.length === 0)
  test.each(
    leaves.map((command) => [commandPath(command), command] as const).filter(([path]) => path !== 'completion'),
  )('is a flag of %s', (_, command) => {
    expect(command.options.map(({ flags }) => flags)).toContain('-q, --quiet')
  })

  test('leaves out remarks and no error', async () => {
    const stderr = new PassThrough({ encoding: 'utf8' })
    const { signal } = new AbortController()
    const io = { stdin: Readable.from([]), stdout: new PassThrough(), stderr, interactive, env: {}, width: 80, signal }
    for (const quiet of [false, true]) {
      remark({ ...io, now: () => new Date(0), quiet }, `remark, quiet ${quiet}`)
      complain({ ...io, now: () => new Date(0), quiet }, `complaint, quiet ${quiet}`)
    }
    expect(stderr.read()).toBe('remark, quiet false\ncomplaint, quiet false\ncomplaint, quiet true\n')
    const refused = await runCommandLine([...run, 'sales.Order', '--quiet'])
    expect(refused.stderr).toContain('AMX-1011')
  })
})

test('a cluster that does not answer is named with its remedy, exit code 1', async () => {
  const { code, stderr } = await runCommandLine(['get', '--kubeconfig', '/nonexistent/kubeconfig'])
  expect(code).toBe(1)
  expect(stderr).toContain('AMX-4001')
})

test('run --dry-run=client prints a manifest for Git and asks nobody', async () => {
  const { code, stdout } = await runCommandLine([...run, 'sales', '--missing-only', '-o', 'yaml', '-n', 'team-a'])
  expect(code).toBe(0)
  expect(stdout).toBe(`apiVersion: amx.dev/v1alpha1
kind: MetadataRun
metadata:
  name: prod-pg-20261121-080755-000
  namespace: team-a
  labels:
    amx.dev/origin: plugin
spec:
  type: Analyze
  targets:
    - databaseProfileRef:
        name: prod-pg
      scope:
        include:
          - sales
        missingOnly: true
  llmProfileRef:
    name: built-in
`)
})

test('version --client needs no cluster', async () => {
  expect(await runCommandLine(['version', '--client', '-o', 'json'])).toEqual({
    code: 0,
    stdout: '{\n  "client": "0.1.0"\n}\n',
    stderr: '',
  })
})

test.each([
  [['get', '--nosuch'], "error: unknown option '--nosuch' (AMX-1014)\nRun `kubectl amx get --help`.\n"],
  [['history', 'show'], "error: missing required argument 'run' (AMX-1014)\nRun `kubectl amx history show --help`.\n"],
  [['gte'], "error: unknown command 'gte' (AMX-1014)\n(Did you mean get?)\nRun `kubectl amx --help`.\n"],
])('%j is answered with the code and where help is', async (words, stderr) => {
  expect(await runCommandLine(words)).toEqual({ code: 2, stdout: '', stderr })
})
