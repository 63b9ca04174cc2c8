import { Argument, Command } from 'commander'
import type { CommandIO } from '../../command-io.ts'
import { completionScript, type Shell, shells } from './completion-script.ts'

/** `completion SHELL`: what a shell has to load to complete command lines. */
export function completionCommand(io: CommandIO): Command {
  return new Command('completion')
    .description('print what bash, zsh or fish has to load to complete commands, flags, runs, profiles and assets')
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .action((shell: Shell) => {
      io.stdout.write(completionScript(shell))
    })
}
