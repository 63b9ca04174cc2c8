import pino, { type Logger } from 'pino'
import type { ServerClient } from './server-client.ts'

const flushMs = 2_000
const mostLines = 500

interface RunLogOptions {
  readonly level: string
  readonly bindings: Readonly<Record<string, string>>
}

/** A logger whose lines go to standard output and, from `info` up, to the store beside the run. */
export interface RunLog {
  readonly logger: Logger
  /** Begins sending; lines written before are sent too. */
  attach(server: ServerClient): void
  /** Sends what is left; never throws. */
  close(): Promise<void>
}

/** Makes the log of one worker process. Losing lines is allowed, stopping the work for them is not. */
export function createRunLog(options: RunLogOptions): RunLog {
  const waiting: string[] = []
  let target: ServerClient | null = null
  let timer: NodeJS.Timeout | undefined
  const logger = pino(
    { level: options.level, base: options.bindings, timestamp: pino.stdTimeFunctions.isoTime },
    pino.multistream([
      { level: 'trace', stream: process.stdout },
      {
        level: 'info',
        stream: {
          write(line: string) {
            if (waiting.length < mostLines) waiting.push(line)
          },
        },
      },
    ]),
  )

  async function flush(): Promise<void> {
    if (target === null || waiting.length === 0) return
    const lines = waiting.splice(0).flatMap(parseLine)
    await target.postLogs({ lines }, AbortSignal.timeout(5_000)).catch(() => undefined)
  }

  return {
    logger,
    attach(server) {
      target = server
      timer = setInterval(() => void flush(), flushMs)
      timer.unref()
    },
    async close() {
      clearInterval(timer)
      await flush()
    },
  }
}

function parseLine(line: string) {
  const parsed: unknown = JSON.parse(line)
  if (typeof parsed !== 'object' || parsed === null) return []
  const { time, level, msg, ...facts } = parsed as Record<string, unknown>
  return [{ time: String(time), level: pino.levels.labels[Number(level)] ?? 'info', message: String(msg), facts }]
}
