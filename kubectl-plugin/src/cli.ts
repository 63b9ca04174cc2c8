import { AmxError, toAmxError } from '@amx/api'
import { Command, CommanderError } from 'commander'
import { type CommandIO, remark } from './command-io.ts'
import { applyCommand } from './commands/apply/apply-command.ts'
import { auditCommand } from './commands/audit/audit-command.ts'
import { checkCommand } from './commands/check/check-command.ts'
import { cancelCommand, resumeCommand, suspendCommand } from './commands/control/control-command.ts'
import { acceptCommand, rejectCommand, restoreCommand, skipCommand } from './commands/decide/decide-command.ts'
import { exportCommand } from './commands/export/export-command.ts'
import { getCommand } from './commands/get/get-command.ts'
import { historyCommand } from './commands/history/history-command.ts'
import { inspectCommand } from './commands/inspect/inspect-command.ts'
import { reviewCommand } from './commands/review/review-command.ts'
import { runCommand } from './commands/run/run-command.ts'
import { usageCommand } from './commands/usage/usage-command.ts'
import { versionCommand } from './commands/version/version-command.ts'
import { watchCommand } from './commands/watch/watch-command.ts'
import { addConnectionOptions } from './connection/connection-options.ts'
import { ExitCode } from './exit-code.ts'
import { errorLines } from './output/error-lines.ts'

const commands = [
  runCommand,
  watchCommand,
  getCommand,
  reviewCommand,
  acceptCommand,
  skipCommand,
  rejectCommand,
  restoreCommand,
  applyCommand,
  cancelCommand,
  suspendCommand,
  resumeCommand,
  exportCommand,
  checkCommand,
  inspectCommand,
  historyCommand,
  auditCommand,
  usageCommand,
  versionCommand,
]

const exitUsage = 2
const exitInterrupted = 130

/**
 * Runs one command line and gives the exit code: 0 done, 1 error, 2 usage, 3 not found, 4 forbidden, 5 waited too long,
 * 6 run failed, 7 conflict, and of `check` 8 and 9 for thresholds that are not kept. Never throws.
 */
export async function runCli(args: readonly string[], io: CommandIO): Promise<number> {
  const program = new Command('kubectl amx')
    .description('Document databases: draft with a model, review, write back as comments.')
    .helpCommand(false)
    .showSuggestionAfterError()
  for (const make of commands) program.addCommand(addConnectionOptions(make(io)))
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.width,
    })
  }
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : exitUsage
    if (thrown instanceof ExitCode) return thrown.exitCode
    if (io.signal.aborted) return exitInterrupted
    const error = toAmxError(thrown)
    if (error.code === 'AMX-9001' && io.env['AMX_DEBUG'] && error.cause instanceof Error) {
      remark(io, error.cause.stack ?? '')
    }
    remark(io, ...errorLines(error))
    return error instanceof AmxError ? error.entry.exitCode : 1
  }
}
