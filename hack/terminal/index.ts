import { spawn } from '@lydell/node-pty'
import xterm from '@xterm/headless'

/** A program on a pseudo-terminal, and what a person would see of it; for tests. */
export interface TerminalSession {
  /** Presses keys by name (`down`, `ctrl-c`) or types text. */
  press(...keys: readonly string[]): void
  /** Lines of the screen, without blanks at their ends. */
  screen(): string[]
  /** The character in a cell, counted from 0. */
  cell(row: number, column: number): string
  /** Waits until the screen fulfils something; then gives its lines. Fails with the screen as it is after a while. */
  until(holds: string | ((lines: readonly string[]) => boolean)): Promise<string[]>
  resize(columns: number, rows: number): void
  signal(name: string): void
  /** Everything that was written, escape sequences included. */
  written(): string
  /** Whether the program shows a screen of its own. */
  isAlternate(): boolean
  title(): string
  readonly exited: Promise<{ readonly code: number; readonly signal: number }>
  close(): void
}

export interface TerminalOptions {
  readonly columns: number
  readonly rows: number
  readonly env: Readonly<Record<string, string | undefined>>
}

const patienceMs = 20_000

const sequences: Readonly<Record<string, string>> = {
  enter: '\r',
  'alt-enter': '\u001b\r',
  escape: '\u001b',
  tab: '\t',
  backspace: '\u007f',
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  home: '\u001b[H',
  end: '\u001b[F',
  pageup: '\u001b[5~',
  pagedown: '\u001b[6~',
  'ctrl-c': '\u0003',
  'ctrl-d': '\u0004',
  'ctrl-e': '\u0005',
  'ctrl-r': '\u0012',
  'ctrl-z': '\u001a',
}

/** Starts a program on a pseudo-terminal of its own. Close it at the end of the test. */
export function openTerminal(file: string, args: readonly string[], options: TerminalOptions): TerminalSession {
  const terminal = new xterm.Terminal({ cols: options.columns, rows: options.rows, allowProposedApi: true })
  const child = spawn(file, [...args], { cols: options.columns, rows: options.rows, env: { ...options.env } })
  let written = ''
  let title = ''
  const seen = new Set<() => void>()
  const look = () => {
    for (const check of seen) check()
  }
  terminal.onTitleChange((changed) => {
    title = changed
  })
  child.onData((text) => {
    written += text
    terminal.write(text, look)
  })
  const exited = new Promise<{ code: number; signal: number }>((resolve) => {
    child.onExit(({ exitCode, signal = 0 }) => terminal.write('', () => resolve({ code: exitCode, signal })))
  })

  function screen(): string[] {
    const { active } = terminal.buffer
    return Array.from(
      { length: terminal.rows },
      (_, row) => active.getLine(active.viewportY + row)?.translateToString(true, 0, terminal.cols) ?? '',
    )
  }

  return {
    press(...keys) {
      for (const key of keys) child.write(sequences[key] ?? key)
    },
    screen,
    cell: (row, column) => terminal.buffer.active.getLine(row)?.getCell(column)?.getChars() ?? '',
    until(holds) {
      const test = typeof holds === 'string' ? (lines: readonly string[]) => lines.join('\n').includes(holds) : holds
      return new Promise((resolve, reject) => {
        const check = () => {
          const lines = screen()
          if (!test(lines)) return
          clearTimeout(timer)
          seen.delete(check)
          resolve(lines)
        }
        const timer = setTimeout(() => {
          seen.delete(check)
          reject(new Error(`the screen never showed ${String(holds)}:\n${screen().join('\n')}`))
        }, patienceMs)
        seen.add(check)
        check()
      })
    },
    resize(columns, rows) {
      terminal.resize(columns, rows)
      child.resize(columns, rows)
    },
    signal: (name) => child.kill(name),
    written: () => written,
    isAlternate: () => terminal.buffer.active.type === 'alternate',
    title: () => title,
    exited,
    close() {
      try {
        child.kill('SIGKILL')
      } catch {
        // It ended by itself.
      }
      terminal.dispose()
    },
  }
}
