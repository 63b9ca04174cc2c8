import { type Command, Option } from 'commander'
import { collect } from '../../connection/connection-options.ts'

/** Gives a command the options that say what a run does. */
export function addRunSpecOptions(command: Command): Command {
  return command
    .option('-d, --database <profile>', 'DatabaseProfile, or profile/database; can be given several times', collect)
    .option('-l, --llm <profile>', 'LLMProfile')
    .option('--all', 'everything the profile sees; on a terminal no scope is asked for then')
    .option('--exclude <asset>', 'leave this out; can be given several times', collect)
    .option('--filter <pattern>', 'RE2 pattern the bare table name must match')
    .option('--limit <n>', 'most tables')
    .option('--missing-only', 'only assets without a comment')
    .addOption(new Option('--review <strategy>', 'who decides').choices(['manual', 'auto']))
    .addOption(new Option('--accept <what>', 'what --review auto accepts (default: high)').choices(['high', 'all']))
    .option('--apply', 'write what is accepted')
    .option('--replace', 'automatic acceptance replaces comments that are there')
    .option('--write-nothing', 'show the statements of the apply and write nothing')
    .option('--budget <dollars>', 'most the run may cost')
    .option('--instructions <text>', 'what the drafter must know besides')
    .option('--set <field=value>', 'any field of generation, such as generation.alternatives=5', collect)
}
