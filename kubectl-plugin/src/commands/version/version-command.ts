import { toAmxError } from '@amx/api'
import { Command, Option } from 'commander'
import packageJson from '../../../package.json' with { type: 'json' }
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print } from '../../command-io.ts'
import { printValue } from '../../output/output-format.ts'

interface Options {
  readonly client?: boolean
  readonly output: 'table' | 'json' | 'yaml'
}

/** `version`: of the plugin and of the server. */
export function versionCommand(io: CommandIO): Command {
  return new Command('version')
    .description('version of this plugin and of the server')
    .option('--client', 'of this plugin only')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json', 'yaml']).default('table'))
    .action(withContext(io, body))
}

const body: CommandBody<[], Options> = async ({ connect, io }, _, options) => {
  const client = packageJson.version
  const server = options.client ? undefined : await serverVersion(connect)
  if (options.output !== 'table') {
    printValue(io, { client, ...(server !== undefined && { server }) }, options.output)
    return
  }
  print(io, `kubectl-amx ${client}`)
  if (server === undefined) return
  print(
    io,
    'version' in server
      ? `server ${server.version} (API ${server.api}, ${server.url})`
      : `server unknown: ${server.error}`,
  )
}

async function serverVersion(connect: Parameters<typeof body>[0]['connect']) {
  try {
    const server = await (await connect()).server()
    return { ...(await server.version()), url: server.url }
  } catch (error) {
    return { error: toAmxError(error).message }
  }
}
