import { createInterface } from 'node:readline'
import { type CommandIO, remark } from './command-io.ts'
import { ExitCode } from './exit-code.ts'

/** Questions and answers, a line each. */
export interface Prompt {
  /** The answer, or null when there is no more to read. */
  ask(question: string): Promise<string | null>
  /** Whether Ctrl-C ended it. */
  isInterrupted(): boolean
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
  let interrupted = false
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
  lines.on('SIGINT', () => {
    interrupted = true
    lines.close()
  })
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
    isInterrupted: () => interrupted,
    close() {
      io.signal.removeEventListener('abort', end)
      lines.close()
    },
  }
}

/** Whether a person says yes; anything else is a no. Ends the command with 130 for Ctrl-C. */
export async function agrees(io: CommandIO, question: string): Promise<boolean> {
  const prompt = createPrompt(io)
  try {
    const answer = await prompt.ask(`${question} [y/N] `)
    if (prompt.isInterrupted()) {
      remark(io, 'nothing was done')
      throw new ExitCode(130)
    }
    return /^y(es)?$/i.test(answer?.trim() ?? '')
  } finally {
    prompt.close()
  }
}
