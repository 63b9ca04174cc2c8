import { AmxError, toAmxError } from '@amx/api'
import { CommanderError } from 'commander'
import { type CommandIO, complain } from './command-io.ts'
import { printCandidates } from './commands/completion/print-candidates.ts'
import { withBareDryRun } from './dry-run.ts'
import { ExitCode } from './exit-code.ts'
import { withFlagsBehind } from './flags-behind.ts'
import { errorLines } from './output/error-lines.ts'
import { createProgram } from './program.ts'

const exitUsage = 2
const exitInterrupted = 130

/** The word before a command line that shells want completed; what kubectl calls it, too. */
const completeWord = '__complete'

/**
 * Runs one command line and gives the exit code: 0 done, 1 error, 2 usage, 3 not found, 4 forbidden, 5 waited too long,
 * 6 run failed, 7 conflict, and of `check` 8 and 9 for thresholds that are not kept. Never throws.
 */
export async function runCli(args: readonly string[], io: CommandIO): Promise<number> {
  const program = createProgram(io)
  const [first, ...words] = args
  if (first === completeWord) {
    await printCandidates(io, program, [...withFlagsBehind(words.slice(0, -1)), words.at(-1) ?? ''])
    return 0
  }
  try {
    await program.parseAsync(withBareDryRun(withFlagsBehind(args)), { from: 'user' })
    return 0
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : exitUsage
    if (thrown instanceof ExitCode) return thrown.exitCode
    if (io.signal.aborted) return exitInterrupted
    const error = toAmxError(thrown)
    if (error.code === 'AMX-9001' && io.env['AMX_DEBUG'] && error.cause instanceof Error) {
      complain(io, error.cause.stack ?? '')
    }
    complain(io, ...errorLines(error))
    return error instanceof AmxError ? error.entry.exitCode : 1
  }
}
