import { execFile } from 'node:child_process'
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { resultRow } from '../../results/result-row-fixture.ts'
import { runSummary } from '../../results/run-summary-fixture.ts'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'
import { shells } from './completion-script.ts'
import { startShell, type TypedShell } from './shell-fixture.ts'

// A person types at a real shell, presses Tab and Enter; what the program was then called with is in a file.

let served: StoredRunsFixture

beforeAll(async () => {
  const rows = [resultRow('sales', { kind: 'Schema' }), resultRow('sales.customer.email')]
  const others = [resultRow('hr."Person X".id'), resultRow('hr.pay.day')]
  served = await serveStoredRuns(
    [
      { summary: runSummary('first'), rows },
      { summary: runSummary('other'), rows: others },
    ],
    100,
  )
  const bundle = join(served.folder, 'bundle')
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL('../../../build.ts', import.meta.url)), bundle])
  const program = `#!/bin/sh
if [ "$1" = __complete ]; then exec '${process.execPath}' '${bundle}/kubectl-amx' "$@"; fi
printf '%s\\n' "$@" > '${served.folder}/called'
`
  await writeFile(join(served.folder, 'kubectl-amx'), program)
  await chmod(join(served.folder, 'kubectl-amx'), 0o755)
  await writeFile(join(served.folder, 'schema of sales.yml'), '')
})
afterAll(() => served.stop())

describe.each(shells)('in %s Tab completes', (shell) => {
  let typed: TypedShell

  beforeAll(async () => {
    const script = join(served.folder, `completion.${shell}`)
    await writeFile(script, (await served.amx(['completion', shell])).stdout)
    const path = `${served.folder}:${process.env['PATH']}`
    typed = await startShell(shell, script, { cwd: served.folder, env: { ...served.env, PATH: path } })
  })
  beforeEach(() => rm(join(served.folder, 'called'), { force: true }))
  afterAll(() => typed?.stop())

  test.each([
    ['a command and the choice of a flag', 'kubectl-amx exp\t--format=sq\t\r', ['export', '--format=sql']],
    [
      'a run and a name with a quote and a blank',
      'kubectl-amx accept oth\thr.\\"P\t\r',
      ['accept', 'other', 'hr."Person X"'],
    ],
    ['a file', 'kubectl-amx export -f sch\t\r', ['export', '-f', 'schema of sales.yml']],
  ])('%s', async (_, keys, expected) => {
    await typed.type(keys)
    expect((await readFile(join(served.folder, 'called'), 'utf8')).trimEnd().split('\n')).toEqual(expected)
  })
})
