import type { CommandIO } from '../command-io.ts'
import { cutTo } from '../output/table.ts'

/** Lines that scroll, and below them, on a terminal, one line that is redrawn. */
export interface StatusDisplay {
  /** A line that stays. */
  say(line: string): void
  /** Where things stand now; off a terminal it is written when it changed. */
  show(line: string): void
  /** Leaves the last line where it is. */
  end(): void
}

/** A display for the standard output of a command. */
export function createStatusDisplay(io: CommandIO): StatusDisplay {
  let shown = ''
  const { stdout } = io
  if (!io.interactive.stdout) {
    return {
      say: (line) => stdout.write(`${line}\n`),
      show(line) {
        if (line !== shown) stdout.write(`${line}\n`)
        shown = line
      },
      end() {},
    }
  }
  const redraw = (line: string) => stdout.write(`\r\u001b[2K${line}`)
  return {
    say(line) {
      redraw(`${line}\n${shown}`)
    },
    show(line) {
      shown = cutTo(line, Math.max(20, io.width - 1))
      redraw(shown)
    },
    end() {
      if (shown !== '') stdout.write('\n')
      shown = ''
    },
  }
}
