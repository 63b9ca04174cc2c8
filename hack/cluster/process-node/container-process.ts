import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { ContainerLog } from './container-log.ts'
import type { ProcessLedger } from './process-ledger.ts'

/** How a process ended, as container runtimes tell it: 128 + signal is the exit code of one that a signal ended. */
export interface ProcessEnd {
  exitCode: number
  signal?: number
}

/** The process of a container, in a process group of its own. */
export interface ContainerProcess {
  pid: number
  /** Resolves after the process has ended, what was left of its group was killed and its output is in the log. */
  ended: Promise<ProcessEnd>
  /** SIGTERM to the container's own process, as container runtimes do. */
  terminate(): void
  /** SIGKILL to the whole group. */
  kill(): void
}

export interface ContainerProcessOptions {
  words: [string, ...string[]]
  env: Record<string, string>
  cwd: string
  log: ContainerLog
  ledger: ProcessLedger
}

/** How long the output may stay open after the end, for a process that left the group with the pipe in its hand. */
const lateOutputMs = 1_000

/** Starts the process. Throws when there is no such program or it cannot be run; the log is closed in every case. */
export async function startContainerProcess(options: ContainerProcessOptions): Promise<ContainerProcess> {
  const { words, env, cwd, log, ledger } = options
  const [command, ...args] = words
  let child: ChildProcess
  try {
    child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    log.close()
    throw error
  }
  const { pid } = child
  if (pid !== undefined) ledger.add(pid)
  child.stdout?.on('data', (chunk: Buffer) => log.write('stdout', chunk))
  child.stderr?.on('data', (chunk: Buffer) => log.write('stderr', chunk))
  const ended = whenEnded(child).then((end) => {
    log.close()
    if (pid !== undefined) ledger.remove(pid)
    return end
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', () => resolve())
    child.once('error', reject)
  })
  if (pid === undefined) throw new Error(`${command} has no process id`)
  return {
    pid,
    ended,
    terminate() {
      child.kill('SIGTERM')
    },
    kill() {
      killGroup(pid)
    },
  }
}

function whenEnded(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    let late: NodeJS.Timeout | undefined
    let end: ProcessEnd = { exitCode: 128 }
    child.once('exit', (code, signal) => {
      end = processEnd(code, signal)
      // In a container nothing outlives the first process; here the rest of its group is killed.
      if (child.pid !== undefined) killGroup(child.pid)
      late = setTimeout(() => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      }, lateOutputMs)
    })
    child.once('close', () => {
      clearTimeout(late)
      resolve(end)
    })
    child.once('error', () => {
      if (child.pid === undefined) resolve(end)
    })
  })
}

function processEnd(code: number | null, signal: NodeJS.Signals | null): ProcessEnd {
  if (signal === null) return { exitCode: code ?? 128 }
  const number = constants.signals[signal]
  return { exitCode: 128 + number, signal: number }
}

/** SIGKILL to a process group; nothing happens if there is none. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // All of it had ended.
  }
}
