import { setInterval } from 'node:timers'

/** Where the lines a person reads while waiting go. */
export interface Progress {
  /** Something that is true now. */
  say(line: string): void
  /** A step that takes a while: its text now, its elapsed time while it lasts and at its end. */
  step<T>(text: string, work: () => Promise<T>): Promise<T>
}

export const silentProgress: Progress = {
  say() {},
  step(_text, work) {
    return work()
  },
}

/** Elapsed time for a person: `12 s`, or `2:10` from a minute on. */
export function elapsed(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000)
  if (seconds < 60) return durationMs < 10_000 ? `${(durationMs / 1000).toFixed(1)} s` : `${seconds} s`
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/**
 * Progress on a stream. A terminal sees one line that counts; a log sees a line every half minute, because a step of five
 * minutes without a word looks like one that hangs.
 */
export function streamProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return {
    say(line) {
      stream.write(`${line}\n`)
    },
    async step(text, work) {
      const startedAt = Date.now()
      const terminal = stream.isTTY === true
      stream.write(terminal ? `${text} …` : `${text} …\n`)
      const timer = setInterval(
        () => {
          const soFar = elapsed(Date.now() - startedAt)
          stream.write(terminal ? `\r${text} … ${soFar}\u001b[K` : `  … ${soFar}\n`)
        },
        terminal ? 1_000 : 30_000,
      )
      timer.unref()
      try {
        const result = await work()
        const took = elapsed(Date.now() - startedAt)
        stream.write(terminal ? `\r${text}: ${took}\u001b[K\n` : `  done in ${took}\n`)
        return result
      } catch (error) {
        stream.write(terminal ? `\r${text}: failed\u001b[K\n` : '  failed\n')
        throw error
      } finally {
        clearInterval(timer)
      }
    },
  }
}
