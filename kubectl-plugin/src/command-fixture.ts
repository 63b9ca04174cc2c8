import { PassThrough, Readable } from 'node:stream'
import { runCli } from './cli.ts'
import type { CommandIO } from './command-io.ts'

export interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Given {
  /** Lines a person types; their presence makes the standard input a terminal. */
  readonly typed?: readonly string[]
  readonly terminal?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** Runs one command line as `kubectl amx` would, on streams of its own; for tests. */
export async function runCommandLine(args: readonly string[], given: Given = {}): Promise<Finished> {
  const stdout = new PassThrough({ encoding: 'utf8' })
  const stderr = new PassThrough({ encoding: 'utf8' })
  const io: CommandIO = {
    stdin: Readable.from((given.typed ?? []).map((line) => `${line}\n`)),
    stdout,
    stderr,
    interactive: { stdin: given.typed !== undefined, stdout: given.terminal === true },
    env: given.env ?? {},
    width: 100,
    now: () => new Date('2026-11-21T08:07:55Z'),
    signal: given.signal ?? new AbortController().signal,
  }
  const code = await runCli(args, io)
  return { code, stdout: read(stdout), stderr: read(stderr) }
}

function read(stream: PassThrough): string {
  return (stream.read() as string | null) ?? ''
}
