import { type LogLevel, type LogLine, logLevels, parseDurationMs, stages, toAmxError } from '@amx/api'
import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import { usageError } from '../../connection/connection-options.ts'
import { paintFor } from '../../output/paint.ts'
import { findRun } from '../latest-run.ts'
import { logLineText } from './log-line-text.ts'
import { podLogs } from './pod-logs.ts'

interface Options {
  readonly stage?: (typeof stages)[number]
  readonly level?: LogLevel
  readonly since?: string
  readonly follow?: boolean
  readonly tail?: string
  readonly output: 'table' | 'json'
}

/** `logs [RUN]`: what the pods of a run wrote, also after they are gone. */
export function logsCommand(io: CommandIO): Command {
  return new Command('logs')
    .description('show what the pods of a run wrote, also after they are gone')
    .argument('[run]', 'name of the run (none named: the newest)')
    .addOption(new Option('--stage <stage>', 'of one stage only').choices(stages))
    .addOption(new Option('--level <level>', 'of this level and above').choices(logLevels))
    .option('--since <time>', 'not older than this, such as 10m, or a time such as 2026-11-21T08:00:00Z')
    .option('--tail <lines>', 'only the last lines')
    .option('-f, --follow', 'go on until the run is over')
    .addOption(
      new Option('-o, --output <format>', 'how to print: table, json (a line each)')
        .choices(['table', 'json'])
        .default('table'),
    )
    .action(withContext(io, body))
}

const body: CommandBody<[string | undefined], Options> = async ({ io, connect }, [name], options) => {
  const since = sinceTime(options.since, io.now())
  const tail = tailLines(options.tail)
  const connection = await connect()
  const run = name ?? (await findRun(connection, undefined)).metadata.name
  const show = printer(io, options.output)
  const kept: LogLine[] = []
  const take = (lines: readonly LogLine[]) => {
    if (tail === undefined) for (const line of lines) show(line)
    else kept.push(...lines.slice(-tail))
    if (tail !== undefined) kept.splice(0, Math.max(0, kept.length - tail))
  }
  const query = {
    limit: 1_000,
    ...(options.stage !== undefined && { stage: options.stage }),
    ...(options.level !== undefined && { level: options.level }),
    ...(since !== undefined && { since }),
  }
  let after: string | undefined
  let lines = 0
  try {
    const server = await connection.server()
    let caughtUp = false
    for (;;) {
      const page = await server.logs(connection.namespace, run, {
        ...query,
        ...(after !== undefined && { after }),
        ...(caughtUp && { wait: 20 }),
      })
      if (caughtUp) for (const line of page.lines) show(line)
      else take(page.lines)
      lines += page.lines.length
      after = page.next ?? after
      if (page.more) continue
      if (!caughtUp) for (const line of kept) show(line)
      caughtUp = true
      if (!options.follow || page.finished) break
    }
  } catch (error) {
    // Pods that still exist can be asked without the server; what they said before is kept by it alone.
    const shown = lines === 0 && (await podLogs(connection, run, options, show).catch(() => false))
    if (!shown) throw error
    remark(io, `these are the pods that still exist, not what the server keeps: ${toAmxError(error).message}`)
    return
  }
  if (lines === 0) await nothingKept(io, connection, run, options, show)
}

/** The run wrote nothing to the store yet: its pods may have more to say, such as why they do not reach the server. */
async function nothingKept(
  io: CommandIO,
  connection: Connection,
  run: string,
  options: Options,
  show: (line: LogLine) => void,
): Promise<void> {
  const filtered = options.level !== undefined || options.since !== undefined
  if (!filtered && (await podLogs(connection, run, options, show).catch(() => false))) return
  remark(io, `no line of run "${run}"${filtered ? ' is as asked for' : ' is kept'}`)
}

function printer(io: CommandIO, output: Options['output']): (line: LogLine) => void {
  const paint = paintFor(io)
  return (line) => print(io, output === 'json' ? JSON.stringify(line) : logLineText(line, paint))
}

function sinceTime(text: string | undefined, now: Date): string | undefined {
  if (text === undefined) return undefined
  if (/^\d{4}-/.test(text)) {
    if (Number.isNaN(Date.parse(text))) throw usageError(`--since: "${text}" is no time`)
    return new Date(text).toISOString()
  }
  return new Date(now.getTime() - parseDurationMs(text, '--since')).toISOString()
}

function tailLines(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const lines = Number(text)
  if (Number.isInteger(lines) && lines > 0) return lines
  throw usageError(`--tail: "${text}" is no number of lines`)
}
