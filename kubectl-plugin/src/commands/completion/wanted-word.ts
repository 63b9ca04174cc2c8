import type { Command, Option } from 'commander'
import { namedCommand } from '../../command-path.ts'
import type { ConnectionOptions } from '../../connection/connection-options.ts'
import { formatsOf } from '../../output/output-format.ts'

export interface Candidate {
  readonly value: string
  readonly says?: string
}

/** What may stand where the cursor is. */
export type Wanted =
  | { readonly kind: 'words'; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'files' }
  | {
      readonly kind: 'runs' | 'assets' | 'runsAndAssets' | 'schedules' | 'databases' | 'models' | 'namespaces'
      /** What was typed of it. */
      readonly typed: string
      /** What stands before it in the same word, such as `--within=`. */
      readonly before: string
      readonly connection: ConnectionOptions
      /** The run the command line names already. */
      readonly run: string | undefined
      /** Names that the command line has already where another may stand. */
      readonly given: readonly string[]
    }

interface Read {
  readonly values: Record<string, string>
  readonly operands: string[]
  /** The option whose value is to come. */
  readonly waiting: Option | null
}

const optionKinds: Readonly<Record<string, 'assets' | 'databases' | 'models' | 'namespaces'>> = {
  database: 'databases',
  llm: 'models',
  namespace: 'namespaces',
  table: 'assets',
  within: 'assets',
  exclude: 'assets',
}
const fileOptions = ['file', 'kubeconfig']
const argumentKinds: Readonly<Record<string, 'runs' | 'assets' | 'runsAndAssets' | 'schedules'>> = {
  run: 'runs',
  asset: 'assets',
  scope: 'assets',
  schedule: 'schedules',
  'run-or-asset': 'runsAndAssets',
  'run|scope': 'runsAndAssets',
}

/** What a command line, whose last word is being typed, wants there. Pure. */
export function wantedWord(program: Command, words: readonly string[]): Wanted {
  const typed = words.at(-1) ?? ''
  const named = namedCommand(program, words.slice(0, -1))
  const members = named.command.commands.map((command) => ({ value: command.name(), says: command.description() }))
  const command = defaultOf(named.command)
  if (named.rest.length === 0) {
    const wanted = among(members, typed)
    if (command.commands.length > 0 || wanted.candidates.length > 0) return wanted
  }
  if (command.commands.length > 0) return among([], typed)
  const read = readWords(command, named.rest)
  if (read.waiting !== null) return optionValue(command, read.waiting, read, typed)
  const [, flag = '', value] = /^(--[\w-]+)=(.*)$/s.exec(typed) ?? []
  const assigned = command.options.find(({ long }) => long === flag)
  if (assigned !== undefined && value !== undefined) return optionValue(command, assigned, read, value, `${flag}=`)
  if (typed.startsWith('-')) {
    const flags = command.options.filter(({ hidden }) => !hidden)
    return among(
      flags.map((option) => ({ value: option.long ?? option.flags, says: option.description })),
      typed,
    )
  }
  const declared = command.registeredArguments
  const argument = declared[Math.min(read.operands.length, declared.length - 1)]
  if (argument === undefined || (read.operands.length >= declared.length && !argument.variadic)) return among([], typed)
  const kind = argumentKinds[argument.name()]
  if (kind === undefined)
    return among(
      (argument.argChoices ?? []).map((value) => ({ value })),
      typed,
    )
  return { kind, typed, before: '', ...whereAndRun(command, read) }
}

/** What a group does when none of its commands is named; the command itself where it is no group. */
function defaultOf(command: Command): Command {
  const name = (command as Command & { readonly _defaultCommandName?: string | null })._defaultCommandName
  return command.commands.find((member) => member.name() === name) ?? command
}

function optionValue(command: Command, option: Option, read: Read, typed: string, before = ''): Wanted {
  const key = option.attributeName()
  const choices = key === 'output' && option.argChoices === undefined ? formatsOf(option) : option.argChoices
  if (choices !== undefined)
    return among(
      choices.map((value) => ({ value })),
      typed,
      before,
    )
  if (fileOptions.includes(key)) return { kind: 'files' }
  const kind = optionKinds[key]
  return kind === undefined ? among([], typed) : { kind, typed, before, ...whereAndRun(command, read) }
}

function among(candidates: readonly Candidate[], typed: string, before = ''): Extract<Wanted, { kind: 'words' }> {
  const fitting = candidates.filter(({ value }) => value.startsWith(typed))
  return { kind: 'words', candidates: fitting.map((candidate) => ({ ...candidate, value: before + candidate.value })) }
}

function whereAndRun(command: Command, { values, operands }: Read) {
  const first = command.registeredArguments[0]?.name() ?? ''
  return {
    connection: values as ConnectionOptions,
    run: ['run', 'run-or-asset'].includes(first) ? operands[0] : undefined,
    given: operands,
  }
}

/** Values and operands of words that are complete. What is no option of the command counts as none. */
function readWords(command: Command, words: readonly string[]): Read {
  const values: Record<string, string> = {}
  const operands: string[] = []
  let waiting: Option | null = null
  for (const word of words) {
    if (waiting !== null) {
      values[waiting.attributeName()] = word
      waiting = null
      continue
    }
    if (!word.startsWith('-') || word === '-') {
      operands.push(word)
      continue
    }
    const [flag = '', ...rest] = word.startsWith('--') ? word.split('=') : [word]
    const option = command.options.find(({ long, short }) => long === flag || short === flag)
    if (option === undefined || !(option.required || option.optional)) continue
    if (rest.length > 0) values[option.attributeName()] = rest.join('=')
    else waiting = option
  }
  return { values, operands, waiting }
}
