import type { CommandIO } from '../command-io.ts'
import { cutTo } from '../output/table.ts'

/** Lines that scroll, and below them, on a terminal, a few that are redrawn in place. */
export interface StatusDisplay {
  /** A line that stays. */
  say(line: string): void
  /**
   * Where things stand: on a terminal `live` is drawn now and again while time goes by; elsewhere `plain` is written when it
   * changed.
   */
  show(status: { readonly live: () => readonly string[]; readonly plain: string }): void
  /** Takes the live lines away; what was said stays. */
  end(): void
}

const redrawMs = 250

/** A display for the standard output of a command. `end` it, or it goes on drawing. */
export function createStatusDisplay(io: CommandIO): StatusDisplay {
  return io.interactive.stdout ? terminalDisplay(io) : plainDisplay(io)
}

function plainDisplay({ stdout }: CommandIO): StatusDisplay {
  let shown = ''
  return {
    say: (line) => stdout.write(`${line}\n`),
    show({ plain }) {
      if (plain !== shown) stdout.write(`${plain}\n`)
      shown = plain
    },
    end() {},
  }
}

function terminalDisplay(io: CommandIO): StatusDisplay {
  let live: () => readonly string[] = () => []
  let drawn = 0
  const draw = (above: string) => {
    const lines = live().map((line) => cutTo(line, Math.max(20, io.width - 1)))
    io.stdout.write(`${erase(drawn)}${above}${lines.map((line) => `${line}\n`).join('')}`)
    drawn = lines.length
  }
  const timer = setInterval(() => draw(''), redrawMs)
  timer.unref()
  return {
    say: (line) => draw(`${line}\n`),
    show(status) {
      live = status.live
      draw('')
    },
    end() {
      clearInterval(timer)
      live = () => []
      draw('')
    },
  }
}

/** To the beginning of the lines drawn last, and everything from there on away. */
function erase(lines: number): string {
  return lines === 0 ? '' : `\u001b[${lines}A\r\u001b[J`
}
