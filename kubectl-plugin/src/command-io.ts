import type { Readable, Writable } from 'node:stream'

/** What a command reads and writes; tests hand in their own. */
export interface CommandIO {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  /** Whether a person sits at the other end: then commands may ask, redraw and colour. */
  readonly interactive: { readonly stdin: boolean; readonly stdout: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Columns of the terminal. */
  readonly width: number
  readonly now: () => Date
  /** Ends when the person presses Ctrl-C. */
  readonly signal: AbortSignal
  /** Whether remarks are left out (`--quiet`). */
  readonly quiet?: boolean
}

/** Columns that tables fit into; null where no person reads them: then nothing is left out. */
export function screenWidth({ interactive, width }: CommandIO): number | null {
  return interactive.stdout ? width : null
}

/** Writes lines to standard output. */
export function print(io: CommandIO, ...lines: readonly string[]): void {
  if (lines.length > 0) io.stdout.write(`${lines.join('\n')}\n`)
}

/** Writes a remark to standard error, where it does not disturb what a program reads; nothing with `--quiet`. */
export function remark(io: CommandIO, ...lines: readonly string[]): void {
  if (!io.quiet) complain(io, ...lines)
}

/** Writes what went wrong, and what became of it, to standard error; also with `--quiet`. */
export function complain(io: CommandIO, ...lines: readonly string[]): void {
  io.stderr.write(`${lines.join('\n')}\n`)
}
