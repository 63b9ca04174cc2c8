import type { CatalogEntry } from '@amx/api'
import { type CommandIO, remark } from '../../command-io.ts'
import { ExitCode } from '../../exit-code.ts'
import { columnChoices, type ScopeChoice, schemaChoices, shortestScope, tableChoices } from './scope-choices.ts'

const levels = ['database', 'schema', 'table', 'column'] as const
type Level = (typeof levels)[number]

/** Longer lists are searched by typing. */
const mostTicks = 30
const rowsShown = 12

/** Asks which assets a run is to cover; an empty list means all. Ends the command with 130 when it is left unanswered. */
export async function askScope(io: CommandIO, entries: readonly CatalogEntry[]): Promise<string[]> {
  const ask = await createQuestions(io)
  const level = await ask.one<Level>('Pick a scope', [
    { value: 'database', label: 'database', hint: 'every schema, every table' },
    { value: 'schema', label: 'schema', hint: 'every table of one or more schemas' },
    { value: 'table', label: 'table', hint: 'one or more tables' },
    { value: 'column', label: 'column', hint: 'specific columns only' },
  ])
  if (level === 'database') return []
  const schemas = await ask.several('Schemas', schemaChoices(entries))
  if (level === 'schema') return schemas
  const tables = await ask.several('Tables', tableChoices(entries, schemas))
  if (level === 'table') return shortestScope(entries, schemas, tables)
  return ask.several('Columns', columnChoices(entries, tables))
}

/** Asks which of several things is meant. Ends the command with 130 when it is left unanswered. */
export async function askOne(io: CommandIO, message: string, choices: readonly ScopeChoice[]): Promise<string> {
  return (await createQuestions(io)).one(message, choices)
}

interface Questions {
  one<Value extends string>(
    message: string,
    choices: readonly (ScopeChoice & { readonly value: Value })[],
  ): Promise<Value>
  several(message: string, choices: readonly ScopeChoice[]): Promise<string[]>
}

async function createQuestions(io: CommandIO): Promise<Questions> {
  // Only whoever is asked pays for loading it.
  const { autocompleteMultiselect, isCancel, multiselect, select } = await import('@clack/prompts')
  // The library leaves a question open for ever when its input is at its end.
  const left = new AbortController()
  io.stdin.once('end', () => left.abort())
  io.stdin.on('keypress', (_, key: { ctrl?: boolean; name?: string } | undefined) => {
    if (key?.ctrl && key.name === 'd') left.abort()
  })
  const streams = { input: io.stdin, output: io.stdout, signal: AbortSignal.any([io.signal, left.signal]) }
  const answered = <Answer>(answer: Answer): Exclude<Answer, symbol> => {
    if (!isCancel(answer)) return answer as Exclude<Answer, symbol>
    remark(io, 'nothing was created')
    throw new ExitCode(130)
  }
  return {
    async one(message, choices) {
      const options = choices.map(listed)
      return answered(await select<string>({ ...streams, message, options })) as (typeof choices)[number]['value']
    },
    async several(message, choices) {
      const options = choices.map(listed)
      const asked = { ...streams, options, required: true, maxItems: rowsShown }
      return choices.length > mostTicks
        ? answered(
            await autocompleteMultiselect<string>({
              ...asked,
              message: `${message} (type to search, Tab ticks, Enter confirms)`,
            }),
          )
        : answered(
            await multiselect<string>({ ...asked, message: `${message} (space ticks, a ticks all, Enter confirms)` }),
          )
    },
  }
}

/** The library shows a hint for the choice under the cursor alone; here it is what people choose by. */
function listed<Value extends string>({ value, label, hint }: ScopeChoice & { readonly value: Value }) {
  return { value, label: hint === '' ? label : `${label}  (${hint})` }
}
