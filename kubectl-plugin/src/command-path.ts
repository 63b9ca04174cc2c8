import type { Command } from 'commander'

/** The words by which a command is called after `kubectl amx`, such as `history show`; none for the program itself. */
export function commandPath(command: Command): string {
  const { parent } = command
  if (parent === null) return ''
  return `${commandPath(parent)} ${command.name()}`.trim()
}

/** Every command below one, groups before their members. */
export function commandsBelow(command: Command): Command[] {
  return command.commands.flatMap((member) => [member, ...commandsBelow(member)])
}

/** The command that the first words of a line name, what it is without a name included, and the words after those. */
export function namedCommand(
  program: Command,
  words: readonly string[],
): { readonly command: Command; readonly rest: readonly string[] } {
  const [first, ...rest] = words
  const found = program.commands.find((command) => command.name() === first || command.aliases().includes(first ?? ''))
  return found === undefined ? { command: program, rest: words } : namedCommand(found, rest)
}
