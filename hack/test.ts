import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findControlPlanePrograms } from './cluster/control-plane-programs.ts'
import { elapsed, streamProgress } from './cluster/progress.ts'
import { runCommand } from './run-command.ts'
import { countLane, type LaneCount } from './test-report.ts'

// npm test: every lane, the quick ones first. Arguments go to Vitest: `npm test -- packages/store` runs the tests below
// that folder, `npm test -- --project pg` those of one lane.

const lanes = ['unit', 'pg', 'cluster', 'e2e'] as const
type Lane = (typeof lanes)[number]

const needsControlPlane: readonly Lane[] = ['cluster', 'e2e']

function selectLanes(args: string[]): { selected: Lane[]; rest: string[] } {
  const selected: Lane[] = []
  const rest: string[] = []
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    const value = arg === '--project' ? args[++index] : /^--project=(.*)$/.exec(arg)?.[1]
    if (value === undefined) {
      rest.push(arg)
      continue
    }
    const lane = lanes.find((name) => name === value)
    if (lane === undefined) throw new Error(`There is no lane ${value}: the lanes are ${lanes.join(', ')}.`)
    selected.push(lane)
  }
  return { selected: selected.length === 0 ? [...lanes] : selected, rest }
}

/** A lane without a matching file would start its servers for nothing. */
async function hasTests(lane: Lane, args: string[]): Promise<boolean> {
  const filters = args.filter((arg) => !arg.startsWith('-'))
  const listed = await runCommand('vitest', ['list', '--filesOnly', '--project', lane, ...filters], 'captured')
  return listed.output.split('\n').some((line) => /\.test\.ts\b/.test(line))
}

async function runLane(lane: Lane, args: string[], runDir: string): Promise<LaneCount> {
  const reportPath = join(runDir, `${lane}.json`)
  // Whatever a test leaves in its temporary folders goes with the folder of the run.
  const env = { ...process.env, TMPDIR: runDir }
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`]
  const result = await runCommand('vitest', ['run', '--project', lane, ...reporters, ...args], 'shown', env)
  const report = existsSync(reportPath) ? JSON.parse(readFileSync(reportPath, 'utf8')) : undefined
  return countLane(report, result.code)
}

async function main(): Promise<void> {
  const { selected, rest } = selectLanes(process.argv.slice(2))
  const runDir = mkdtempSync(join(tmpdir(), 'amx-test-'))
  // PostgreSQL, which runs as another user where this is root, passes through it.
  chmodSync(runDir, 0o711)
  // At the very end, also when it is a signal that ends the run.
  process.once('exit', () => rmSync(runDir, { recursive: true, force: true }))
  const total: LaneCount = { passed: 0, failed: 0, skipped: 0 }
  for (const lane of selected) {
    if (!(await hasTests(lane, rest))) continue
    console.log(`\n== ${lane}`)
    const startedAt = Date.now()
    const count = await runOneLane(lane, rest, runDir)
    console.log(`== ${lane}: ${count.passed} passed, ${count.failed} failed (${elapsed(Date.now() - startedAt)})`)
    total.passed += count.passed
    total.failed += count.failed
    total.skipped += count.skipped
  }
  if (total.skipped > 0) console.log(`\n${total.skipped} skipped`)
  if (total.passed + total.failed === 0) console.log(`\nNo test matches ${rest.join(' ')}`)
  console.log(`\n${total.passed} passed, ${total.failed} failed`)
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1
}

async function runOneLane(lane: Lane, args: string[], runDir: string): Promise<LaneCount> {
  if (needsControlPlane.includes(lane)) {
    try {
      await findControlPlanePrograms({ progress: streamProgress() })
    } catch (error) {
      console.error(error instanceof Error ? error.message : error)
      return { passed: 0, failed: 1, skipped: 0 }
    }
  }
  return await runLane(lane, args, runDir)
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  console.log('\n0 passed, 1 failed')
  process.exitCode = 1
}
