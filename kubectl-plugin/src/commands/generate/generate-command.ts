import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import type { CommandIO } from '../../command-io.ts'
import { collect } from '../../connection/connection-options.ts'
import { addCreateOptions, type CreateOptions, createRun } from '../run/create-run.ts'
import { runManifest } from '../run/run-manifest.ts'

interface Options extends CreateOptions {
  readonly name?: string
  readonly database: string
  readonly llm: string
  readonly instructions?: string
  readonly set?: readonly string[]
}

/** `generate ASSET…`: describe exactly the named columns, tables or schemas. */
export function generateCommand(io: CommandIO): Command {
  const command = new Command('generate')
    .description('describe exactly the named columns, tables or schemas, and nothing below them')
    .argument('<asset...>', 'a column, a table or a schema, such as sales.customer.email')
    .requiredOption('-d, --database <profile>', 'DatabaseProfile, or profile/database')
    .requiredOption('-l, --llm <profile>', 'LLMProfile')
    .option('--name <name>', 'name of the run (default: made of the profile and the time)')
    .option('--instructions <text>', 'what the drafter must know besides')
    .option('--set <field=value>', 'any field of generation, such as generation.alternatives=5', collect)
  return addCreateOptions(command).action(withContext(io, body))
}

const body: CommandBody<[string[]], Options> = (context, [assets], options) =>
  createRun(context, options, (place) => {
    const manifest = runManifest(assets, { ...options, database: [options.database] }, place)
    return { ...manifest, spec: { ...manifest.spec, type: 'Generate' } }
  })
