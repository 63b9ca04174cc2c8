import { createInterface } from 'node:readline'
import type { CommandIO } from './command-io.ts'

/** Questions and answers, a line each. */
export interface Prompt {
  /** The answer, or null when there is no more to read. */
  ask(question: string): Promise<string | null>
  close(): void
}

/** A prompt on the command's own streams. Close it, or the process goes on waiting for input. */
export function createPrompt(io: CommandIO): Prompt {
  const lines = createInterface({
    input: io.stdin,
    output: io.stdout,
    terminal: io.interactive.stdin && io.interactive.stdout && 'isTTY' in io.stdin,
  })
  const waiting: string[] = []
  let wake: ((line: string | null) => void) | null = null
  let ended = false
  const end = () => {
    ended = true
    wake?.(null)
    wake = null
  }
  lines.on('line', (line) => {
    if (wake === null) waiting.push(line)
    else wake(line)
    wake = null
  })
  lines.on('close', end)
  lines.on('SIGINT', () => lines.close())
  io.signal.addEventListener('abort', end, { once: true })
  return {
    ask(question) {
      const line = waiting.shift()
      if (line !== undefined || ended) {
        io.stdout.write(question)
        return Promise.resolve(line ?? null)
      }
      lines.setPrompt(question)
      lines.prompt()
      return new Promise((resolve) => {
        wake = resolve
      })
    },
    close() {
      io.signal.removeEventListener('abort', end)
      lines.close()
    },
  }
}
