import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { birthOf, endRecorded, type ProcessRecord, readRecords, writeRecords } from './process-record.ts'
import { startWatchdog } from './watchdog.ts'

/**
 * How long processes live: `owned` ones end with the process that started them, however that one ends; `detached` ones
 * stay until somebody stops them.
 */
export type Lifetime = 'owned' | 'detached'

/** One program to start. */
export interface ProgramOptions {
  name: string
  command: string
  args: string[]
  logPath: string
  /** The whole environment. @default that of this process */
  env?: NodeJS.ProcessEnv
  cwd?: string
  uid?: number
  gid?: number
}

/** How a program ended: its exit code, or the signal that ended it. */
export interface ProgramExit {
  code: number | null
  signal: NodeJS.Signals | null
}

/** A program that runs. */
export interface RunningProgram {
  name: string
  pid: number
  /** Resolves when it ends; never rejects. */
  exited: Promise<ProgramExit>
}

/** Several programs that are started one by one and stopped together. */
export interface ProcessGroup {
  start(options: ProgramOptions): Promise<RunningProgram>
  /** Ends them in the reverse order of their start: a signal (@default SIGTERM), and SIGKILL after the grace period. */
  stop(options: { graceMs: number; signal?: NodeJS.Signals }): Promise<void>
}

/**
 * Opens a group whose process ids are kept in a file. What an earlier, interrupted owner left in that file is ended first,
 * so nothing that was started with this file can be left over.
 */
export async function openProcessGroup(recordPath: string, lifetime: Lifetime): Promise<ProcessGroup> {
  mkdirSync(dirname(recordPath), { recursive: true })
  await endRecorded(readRecords(recordPath), { graceMs: 5_000 })
  writeRecords(recordPath, [])
  const records: ProcessRecord[] = []
  const watchdog = lifetime === 'owned' ? startWatchdog(recordPath) : undefined
  return {
    async start(options) {
      const { child, program } = await startProgram(options)
      records.push({ name: options.name, pid: program.pid, birth: birthOf(program.pid) ?? 'gone' })
      watchdog?.watch(program.pid)
      writeRecords(recordPath, records)
      if (lifetime === 'detached') child.unref()
      return program
    },
    async stop(options) {
      for (const record of records.toReversed()) {
        await endRecorded([record], options)
        watchdog?.forget(record.pid)
      }
      records.length = 0
      writeRecords(recordPath, [])
      watchdog?.close()
    },
  }
}

/** Ends the processes a file names, whoever started them, in the reverse order of their start. */
export async function stopRecordedProcesses(
  recordPath: string,
  options: { graceMs: number; signal?: NodeJS.Signals },
): Promise<void> {
  for (const record of readRecords(recordPath).toReversed()) await endRecorded([record], options)
  writeRecords(recordPath, [])
}

async function startProgram(options: ProgramOptions): Promise<{ child: ChildProcess; program: RunningProgram }> {
  mkdirSync(dirname(options.logPath), { recursive: true })
  const log = openSync(options.logPath, 'a')
  try {
    const child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      detached: true,
      stdio: ['ignore', log, log],
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    })
    const exited = new Promise<ProgramExit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }))
      child.once('error', () => resolve({ code: 127, signal: null }))
    })
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('spawn', () => resolve(child.pid ?? 0))
      child.once('error', reject)
    })
    return { child, program: { name: options.name, pid, exited } }
  } finally {
    closeSync(log)
  }
}

/** The last lines of a log file, for the text of an error. */
export function logTail(path: string, lines = 15): string {
  if (!existsSync(path)) return ''
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
}
