import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checkoutDir } from './cluster/folders.ts'
import { elapsed } from './cluster/progress.ts'
import { type CommandResult, runCommand } from './run-command.ts'

// npm run check: every gate that needs no cluster and no database. One line each; the output of those that fail.

interface Gate {
  name: string
  command: string
  args: string[]
  /** A path without which there is nothing to check. */
  needs?: string
}

const gates: Gate[] = [
  { name: 'types', command: 'tsc', args: ['-p', 'tsconfig.json', '--pretty', 'false'] },
  {
    name: 'types of the browser app',
    command: 'vue-tsc',
    args: ['--noEmit', '-p', 'dashboard/web/tsconfig.json'],
    needs: 'dashboard/web/tsconfig.json',
  },
  { name: 'lint and format', command: 'biome', args: ['ci', '--reporter=summary', '.'] },
  { name: 'unused code and dependencies', command: 'knip', args: ['--no-progress'] },
  {
    name: 'dependency direction',
    command: 'vitest',
    args: ['run', '--project', 'unit', 'hack/dependency-direction'],
  },
  { name: 'generated files', command: process.execPath, args: ['hack/generate.ts', '--check'] },
]

const wanted = process.argv.slice(2)
const selected = gates.filter(({ name, needs }) => {
  if (needs !== undefined && !existsSync(join(checkoutDir, needs))) return false
  return wanted.length === 0 || wanted.some((word) => name.includes(word))
})
if (selected.length === 0) {
  console.error(`No gate is named ${wanted.join(' or ')}. Gates: ${gates.map(({ name }) => name).join(', ')}.`)
  process.exit(2)
}

const failed: { gate: Gate; result: CommandResult }[] = []

async function runGate(gate: Gate): Promise<void> {
  const startedAt = Date.now()
  const result = await runCommand(gate.command, gate.args, 'captured', {
    ...process.env,
    NO_COLOR: '1',
    FORCE_COLOR: '0',
  })
  const took = elapsed(Date.now() - startedAt)
  console.log(`${result.code === 0 ? 'ok    ' : 'FAILED'}  ${gate.name}  (${took})`)
  if (result.code !== 0) failed.push({ gate, result })
}

const queue = [...selected]
async function runQueue(): Promise<void> {
  for (let gate = queue.shift(); gate !== undefined; gate = queue.shift()) await runGate(gate)
}
// Two at a time: the type checker is the longest, the others fit beside it.
await Promise.all([runQueue(), runQueue()])

for (const { gate, result } of failed) {
  console.log(`\n--- ${gate.name}: ${[gate.command, ...gate.args].join(' ')} (exit code ${result.code})`)
  console.log(result.output.trimEnd())
}
const passed = selected.length - failed.length
console.log(`\n${passed} of ${selected.length} gates passed`)
process.exitCode = failed.length === 0 ? 0 : 1
