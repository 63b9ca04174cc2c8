import { writeSync } from 'node:fs'
import { emitKeypressEvents, type Interface } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'
import type { CommandIO } from '../../../command-io.ts'
import { type Key, type Keypress, keyOf } from './key.ts'
import type { Frame } from './render.ts'
import type { Size } from './state.ts'

/** A terminal that a program has for itself. */
export interface Terminal {
  size(): Size
  /** Takes the terminal over: raw keys, a screen of its own. */
  enter(): void
  /** Gives it back as it was. May be called at any time, also twice. */
  leave(): void
  /** Shows a frame; only lines that differ from those shown are written. */
  draw(frame: Frame): void
  /** Forgets what is shown, so that the next frame is written as a whole. */
  forget(): void
  onKey(listen: (key: Key) => void): void
  onResize(listen: () => void): void
  /** The other end is gone. */
  onGone(listen: () => void): void
  /** Stops listening for good. */
  close(): void
}

// Alternate screen, no wrapping at the right edge, pastes marked as such; and all of it back.
const takeOver = '\u001b[?1049h\u001b[?7l\u001b[?2004h\u001b[?25l'
const giveBack = '\u001b[?2004l\u001b[?7h\u001b[0m\u001b[?25h\u001b[?1049l'
const beginUpdate = '\u001b[?2026h'
const endUpdate = '\u001b[?2026l'
// Longer than the parts of one key's sequence are apart, shorter than a person notices when Esc is pressed: what tmux waits.
const escapeWaitMs = 10

/** The terminal behind a command's streams; null where they are none. */
export function terminalOf(io: CommandIO): Terminal | null {
  const { stdin, stdout } = io
  return isKeyboard(stdin) && isScreen(stdout) ? createTerminal(stdin, stdout) : null
}

function isKeyboard(stream: CommandIO['stdin']): stream is ReadStream {
  return 'isTTY' in stream && stream.isTTY === true && 'setRawMode' in stream
}

type Screen = WriteStream & { readonly fd: number }

function isScreen(stream: CommandIO['stdout']): stream is Screen {
  return 'isTTY' in stream && stream.isTTY === true && 'fd' in stream
}

function createTerminal(keyboard: ReadStream, screen: Screen): Terminal {
  let entered = false
  let lines: readonly string[] = []
  const undo: (() => void)[] = []

  function listen(target: NodeJS.EventEmitter, event: string, react: (...given: never[]) => void): void {
    target.on(event, react as (...given: unknown[]) => void)
    undo.push(() => target.off(event, react as (...given: unknown[]) => void))
  }

  return {
    size: () => ({ columns: Math.max(10, screen.columns || 80), rows: Math.max(3, screen.rows || 24) }),
    enter() {
      if (entered) return
      entered = true
      lines = []
      keyboard.setRawMode(true)
      keyboard.resume()
      screen.write(takeOver)
    },
    leave() {
      if (!entered) return
      entered = false
      try {
        keyboard.setRawMode(false)
        keyboard.pause()
        // Written at once, because the process may be about to end or to be stopped.
        writeSync(screen.fd, giveBack)
      } catch {
        // The terminal is gone; so is what would have to be put right.
      }
    },
    draw(frame) {
      if (!entered) return
      const changed = frame.lines.flatMap((line, row) =>
        line === lines[row] ? [] : [`\u001b[${row + 1};1H\u001b[K${line}`],
      )
      // What another program, or another size, left on the screen goes first.
      const cleared = lines.length === 0 ? '\u001b[2J' : ''
      lines = frame.lines
      const { cursor } = frame
      const placed = cursor === null ? '\u001b[?25l' : `\u001b[${cursor.row + 1};${cursor.column + 1}H\u001b[?25h`
      screen.write(`${beginUpdate}${cleared}${changed.join('')}${placed}${endUpdate}`)
    },
    forget() {
      lines = []
    },
    onKey(react) {
      // Of a line editor only this is read there: how long to wait whether Esc begins a longer sequence.
      emitKeypressEvents(keyboard, { escapeCodeTimeout: escapeWaitMs } as unknown as Interface)
      listen(keyboard, 'keypress', keyReader(react))
    },
    onResize: (react) => listen(screen, 'resize', react),
    onGone(react) {
      listen(keyboard, 'end', react)
      listen(keyboard, 'error', react)
    },
    close() {
      for (const stop of undo.splice(0)) stop()
    },
  }
}

/** Reads keypresses; what is pasted comes as one. */
function keyReader(react: (key: Key) => void): (character: string | undefined, press: Keypress) => void {
  let pasted: string | null = null
  return (character, press) => {
    if (press.name === 'paste-start') pasted = ''
    else if (press.name === 'paste-end') {
      react({ name: 'paste', text: pasted ?? '' })
      pasted = null
    } else if (pasted !== null) pasted += press.sequence ?? character ?? ''
    else {
      const key = keyOf(character, press)
      if (key !== null) react(key)
    }
  }
}
