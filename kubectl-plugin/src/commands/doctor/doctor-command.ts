import { AmxError, parseDurationMs, toAmxError } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, type CommandContext, withContext } from '../../command.ts'
import { type CommandIO, print } from '../../command-io.ts'
import { ExitCode } from '../../exit-code.ts'
import { isValueFormat, printValue, type ValueFormat, valueOutputOption } from '../../output/output-format.ts'
import { type Colour, harmless, paintFor } from '../../output/paint.ts'
import type { Check } from './check.ts'
import { type ExamineOptions, examine } from './examine.ts'

interface Options {
  readonly skipNetwork?: boolean
  readonly stuckAfter: string
  readonly test?: string | true
  readonly output: 'table' | ValueFormat
}

/** `doctor`: looks at every part of the system and says what to do about what is broken. */
export function doctorCommand(io: CommandIO): Command {
  return new Command('doctor')
    .description('look at every part of the system, with a remedy for what is broken')
    .option('--skip-network', 'leave out the server and its store: ask the Kubernetes API alone')
    .option('--stuck-after <time>', 'for how long a run may stand still', '10m')
    .option('--test [limit]', 'have every profile tested now, and wait for the answers at most this long (90s)')
    .addOption(valueOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[], Options> = async (context, _, options) => {
  const { io } = context
  const checks = await checksOf(context, {
    network: options.skipNetwork ? 'ClusterOnly' : 'All',
    stuckMs: parseDurationMs(options.stuckAfter, '--stuck-after'),
    test: testRequest(options.test, io),
  })
  const healthy = checks.every(({ state }) => state !== 'Fail')
  if (isValueFormat(options.output)) printValue(io, { healthy, checks }, options.output)
  else printChecks(io, checks)
  if (!healthy) throw new ExitCode(1)
}

function testRequest(limit: Options['test'], io: CommandIO): ExamineOptions['test'] {
  if (limit === undefined) return null
  const limitMs = parseDurationMs(limit === true ? '90s' : limit, '--test')
  return { token: `doctor-${io.now().toISOString()}`, limitMs }
}

/** The checks; that of the kubeconfig alone where it leads nowhere. */
async function checksOf({ io, connect }: CommandContext, options: ExamineOptions): Promise<readonly Check[]> {
  try {
    return await examine(await connect(), io, options)
  } catch (error) {
    if (io.signal.aborted || !(error instanceof AmxError)) throw error
    const { message, remedy } = toAmxError(error)
    return [{ part: 'kubeconfig', state: 'Fail', says: message, remedy }]
  }
}

const shown: Readonly<Record<Check['state'], { readonly word: string; readonly colour: Colour }>> = {
  Ok: { word: 'ok', colour: 'green' },
  Warn: { word: 'warn', colour: 'yellow' },
  Fail: { word: 'FAIL', colour: 'red' },
  Skipped: { word: 'skip', colour: 'dim' },
}

function printChecks(io: CommandIO, checks: readonly Check[]): void {
  const paint = paintFor(io)
  const width = Math.max(...checks.map(({ part }) => part.length))
  for (const { part, state, says, remedy } of checks) {
    const { word, colour } = shown[state]
    print(io, `${paint(colour, word.padEnd(4))}  ${part.padEnd(width)}  ${harmless(says)}`)
    if (remedy !== undefined) print(io, `${' '.repeat(8 + width)}${harmless(remedy)}`)
  }
  const count = (state: Check['state']) => checks.filter((check) => check.state === state).length
  print(
    io,
    '',
    `${count('Ok')} ok, ${count('Warn')} to look at, ${count('Fail')} broken, ${count('Skipped')} not looked at`,
  )
}
