import type { Argument, Command, Option } from 'commander'
import { commandPath } from '../command-path.ts'
import { examplesOf } from '../examples.ts'
import { addSharedOptions } from '../shared-options.ts'

const generated =
  '<!-- Generated from the commands by `node kubectl-plugin/generate-reference.ts`. Do not edit. -->\n\n'

/** Name -> content of every page about the commands of a program. */
export function referencePages(program: Command, bare: Command): Map<string, string> {
  const shared = addSharedOptions(bare).options.map(({ flags }) => flags)
  const pages = new Map(program.commands.map((command) => [`${command.name()}.md`, commandPage(command, shared)]))
  return pages.set('README.md', indexPage(program, bare.options))
}

function commandPage(command: Command, shared: readonly string[]): string {
  const sections =
    command.commands.length === 0
      ? commandSections(command, shared, '#')
      : [
          `# kubectl amx ${command.name()}\n\n${sentence(command.description())}\n`,
          `| Command | Does |\n|---|---|\n${command.commands.map(memberRow).join('')}`,
          ...command.commands.flatMap((member) => commandSections(member, shared, '##')),
        ]
  return generated + sections.filter(Boolean).join('\n')
}

function memberRow(member: Command): string {
  const path = commandPath(member)
  return `| [${path}](#kubectl-amx-${path.replaceAll(' ', '-')}) | ${cell(member.description())} |\n`
}

/** What is said about one command, under a heading of the given depth. */
function commandSections(command: Command, shared: readonly string[], depth: '#' | '##'): string[] {
  const own = command.options.filter(({ flags }) => !shared.includes(flags))
  const path = commandPath(command)
  const usage = command
    .usage()
    .split(' ')
    .filter((word) => word !== '[options]')
  return [
    `${depth} kubectl amx ${path}\n\n${sentence(command.description())}\n`,
    `\`\`\`text\n${['kubectl amx', path, ...usage, '[flags]'].filter(Boolean).join(' ')}\n\`\`\`\n`,
    argumentSection(command.registeredArguments, depth),
    own.length === 0 ? '' : `${depth}# Flags\n\n${optionTable(own)}`,
    command.options.length > own.length ? 'And the [shared flags](README.md#shared-flags).\n' : '',
    exampleSection(path, depth),
  ]
}

function indexPage(program: Command, shared: readonly Option[]): string {
  const commands = program.commands.map(
    (command) => `| [${command.name()}](${command.name()}.md) | ${cell(command.description())} |\n`,
  )
  return `${generated}# kubectl amx

${sentence(program.description())}

| Command | Does |
|---|---|
${commands.join('')}
## Shared flags

Every command but \`completion\` takes them.

${optionTable(shared)}
## Exit codes

| Code | Means |
|---|---|
| 0 | done |
| 1 | error |
| 2 | usage: a flag, an argument or a file is not right |
| 3 | not found |
| 4 | forbidden |
| 5 | waited too long |
| 6 | the run failed |
| 7 | conflict |
| 8 | \`check\`: coverage is below its threshold |
| 9 | \`check\`: another threshold is not kept |
| 130 | interrupted |

## Output

\`-o\` takes \`table\` and, as each command lists them, \`wide\`, \`json\`, \`yaml\`, \`name\`, \`csv\` and \`jsonpath=<template>\`. A template is
kubectl's: text, \`{.items[*].metadata.name}\`, \`[0]\`, \`[-1]\`, \`[1:3]\`, \`..name\`, \`[?(@.phase=="Failed")]\`,
\`{range .items[*]}…{"\\n"}{end}\`. Functions and scripts are not part of it. A field that is not there prints nothing.
`
}

function argumentSection(given: readonly Argument[], depth: string): string {
  if (given.length === 0) return ''
  const rows = given.map((argument) => `| \`${argument.name()}\` | ${cell(argumentWords(argument))} |\n`)
  return `${depth}# Arguments\n\n| Argument | Is |\n|---|---|\n${rows.join('')}`
}

function argumentWords({ description, required, variadic, argChoices }: Argument): string {
  const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`
  return `${description}${choices}${required ? '' : ' (can be left out)'}${variadic ? '; several can be given' : ''}`
}

function optionTable(options: readonly Option[]): string {
  const rows = options.map(
    (option) => `| \`${option.flags.replaceAll('|', '\\|')}\` | ${cell(optionWords(option))} |\n`,
  )
  return `| Flag | Does |\n|---|---|\n${rows.join('')}`
}

function optionWords({ description, mandatory, argChoices, defaultValue, negate }: Option): string {
  const notes = [
    mandatory ? 'required' : '',
    argChoices === undefined ? '' : `one of ${argChoices.join(', ')}`,
    defaultValue === undefined || negate ? '' : `default: ${String(defaultValue)}`,
  ].filter(Boolean)
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`
}

function exampleSection(name: string, depth: string): string {
  const blocks = examplesOf(name).map(
    ({ line, does }) => `${sentence(does)}\n\n\`\`\`sh\nkubectl amx ${line}\n\`\`\`\n`,
  )
  return blocks.length === 0 ? '' : `${depth}# Examples\n\n${blocks.join('\n')}`
}

function sentence(text: string): string {
  const capital = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '\\<')
}
