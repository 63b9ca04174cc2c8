import { Command } from 'commander'
import type { CommandIO } from './command-io.ts'
import { commandPath, commandsBelow } from './command-path.ts'
import { applyCommand } from './commands/apply/apply-command.ts'
import { auditCommand } from './commands/audit/audit-command.ts'
import { catalogCommand } from './commands/catalog/catalog-command.ts'
import { checkCommand } from './commands/check/check-command.ts'
import { compareCommand } from './commands/compare/compare-command.ts'
import { completionCommand } from './commands/completion/completion-command.ts'
import { cancelCommand, resumeCommand, suspendCommand } from './commands/control/control-command.ts'
import { acceptCommand, rejectCommand, restoreCommand, skipCommand } from './commands/decide/decide-command.ts'
import { describeCommand } from './commands/describe/describe-command.ts'
import { doctorCommand } from './commands/doctor/doctor-command.ts'
import { estimateCommand } from './commands/estimate/estimate-command.ts'
import { exportCommand } from './commands/export/export-command.ts'
import { generateCommand } from './commands/generate/generate-command.ts'
import { getCommand } from './commands/get/get-command.ts'
import { historyCommand } from './commands/history/history-command.ts'
import { inspectCommand } from './commands/inspect/inspect-command.ts'
import { logsCommand } from './commands/logs/logs-command.ts'
import { pendingCommand } from './commands/pending/pending-command.ts'
import { pricesCommand } from './commands/prices/prices-command.ts'
import { reportCommand } from './commands/report/report-command.ts'
import { rerunCommand } from './commands/rerun/rerun-command.ts'
import { reviewCommand } from './commands/review/review-command.ts'
import { rollbackCommand } from './commands/rollback/rollback-command.ts'
import { runCommand } from './commands/run/run-command.ts'
import { scheduleCommand } from './commands/schedule/schedule-command.ts'
import { studioCommand } from './commands/studio/studio-command.ts'
import { usageCommand } from './commands/usage/usage-command.ts'
import { variationsCommand } from './commands/variations/variations-command.ts'
import { versionCommand } from './commands/version/version-command.ts'
import { versionsCommand } from './commands/versions/versions-command.ts'
import { watchCommand } from './commands/watch/watch-command.ts'
import { examplesHelp } from './examples.ts'
import { addSharedOptions } from './shared-options.ts'

const commands = [
  runCommand,
  estimateCommand,
  watchCommand,
  logsCommand,
  getCommand,
  reviewCommand,
  acceptCommand,
  skipCommand,
  rejectCommand,
  restoreCommand,
  pendingCommand,
  applyCommand,
  rollbackCommand,
  rerunCommand,
  variationsCommand,
  generateCommand,
  describeCommand,
  versionsCommand,
  cancelCommand,
  suspendCommand,
  resumeCommand,
  scheduleCommand,
  exportCommand,
  checkCommand,
  inspectCommand,
  catalogCommand,
  historyCommand,
  compareCommand,
  auditCommand,
  usageCommand,
  pricesCommand,
  studioCommand,
  doctorCommand,
  reportCommand,
]

/**
 * Every command of `kubectl amx`, ready to parse a command line. A command of several, such as `history show`, is a command with
 * commands; what it does without one of them is its default command. The shared flags belong to those that do something.
 */
export function createProgram(io: CommandIO): Command {
  const program = new Command('kubectl amx')
    .description('Document databases: draft with a model, review, write back as comments.')
    .helpCommand(false)
    .showSuggestionAfterError()
  for (const make of commands) program.addCommand(withShared(make(io)))
  program.addCommand(completionCommand(io))
  program.addCommand(withShared(versionCommand(io)))
  for (const command of [program, ...commandsBelow(program)]) {
    command
      .helpCommand(false)
      .exitOverride()
      .configureOutput({
        writeOut: (text) => io.stdout.write(text),
        writeErr: (text) => io.stderr.write(text),
        getOutHelpWidth: () => io.width,
        outputError: (text, write) => write(usageText(text, command)),
      })
    command.addHelpText('after', examplesHelp(commandPath(command)))
  }
  return program
}

/** What is wrong with a command line, with the code and the remedy that every error has. */
function usageText(text: string, command: Command): string {
  const [first = '', ...more] = text.trimEnd().split('\n')
  const help = `Run \`${`kubectl amx ${commandPath(command)}`.trimEnd()} --help\`.`
  return `${[`${first} (AMX-1014)`, ...more, help].join('\n')}\n`
}

function withShared(command: Command): Command {
  if (command.commands.length === 0) return addSharedOptions(command)
  for (const member of command.commands) withShared(member)
  return command
}
