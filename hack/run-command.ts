import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { checkoutDir } from './cluster/folders.ts'

/** How a command ended, and what it wrote to either stream. */
export interface CommandResult {
  code: number
  output: string
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    // A terminal signals the whole group, so on Ctrl-C the commands have it already.
    if (signal !== 'SIGINT') for (const child of running) child.kill(signal)
    const ends = [...running].map((child) => once(child, 'close'))
    Promise.allSettled(ends).then(() => process.exit(128 + constants.signals[signal]))
  })
}

/**
 * Runs a command in the checkout: `captured` keeps its output for later, `shown` passes it through. A signal this process
 * gets is handed on, and the command ends with this process. Never rejects: a command that cannot start has code 127.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  output: 'captured' | 'shown',
  env: NodeJS.ProcessEnv = process.env,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: checkoutDir,
      env,
      stdio: output === 'shown' ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8')
      stream?.on('data', (chunk: string) => {
        text += chunk
      })
    }
    const end = (code: number) => {
      running.delete(child)
      resolve({ code, output: text })
    }
    child.once('error', (error) => {
      text += error.message
      end(127)
    })
    child.once('close', (code, signal) => end(code ?? (signal === 'SIGINT' ? 130 : 1)))
  })
}
