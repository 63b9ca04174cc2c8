import { toAmxError } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print } from '../../command-io.ts'
import { versionSkew } from '../../connection/version-skew.ts'
import { isValueFormat, printValue, type ValueFormat, valueOutputOption } from '../../output/output-format.ts'
import { harmless } from '../../output/paint.ts'
import { pluginVersion } from '../../plugin-version.ts'

interface Options {
  readonly client?: boolean
  readonly output: 'table' | ValueFormat
}

/** `version`: of the plugin, of the server and its API, and of the cluster. */
export function versionCommand(io: CommandIO): Command {
  return new Command('version')
    .description('version of this plugin, of the server and of the cluster')
    .option('--client', 'of this plugin only')
    .addOption(valueOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[], Options> = async ({ connect, io }, _, options) => {
  const client = pluginVersion
  const other = options.client ? {} : await otherVersions(connect)
  if (isValueFormat(options.output)) {
    printValue(io, { client, ...other }, options.output)
    return
  }
  print(io, `kubectl-amx ${client}`)
  const { server, kubernetes } = other
  if (server !== undefined) {
    const words =
      'version' in server ? `${server.version} (API ${server.api}, ${server.url})` : `unknown: ${server.error}`
    print(io, harmless(`server ${words}`))
  }
  if (kubernetes !== undefined) print(io, harmless(`Kubernetes ${kubernetes}`))
}

type Connect = Parameters<typeof body>[0]['connect']

interface OtherVersions {
  readonly server?: { version: string; api: string; url: string; skew: string } | { error: string }
  readonly kubernetes?: string
}

async function otherVersions(connect: Connect): Promise<OtherVersions> {
  try {
    const connection = await connect()
    const [server, kubernetes] = await Promise.all([
      serverVersion(connection).catch((error: unknown) => ({ error: toAmxError(error).message })),
      connection.kubernetes.get<{ gitVersion: string }>('version').then(
        ({ gitVersion }) => gitVersion,
        () => undefined,
      ),
    ])
    return { server, ...(kubernetes !== undefined && { kubernetes }) }
  } catch (error) {
    return { server: { error: toAmxError(error).message } }
  }
}

async function serverVersion(connection: Awaited<ReturnType<Connect>>) {
  const server = await connection.server()
  const { version, api } = await server.version()
  return { version, api, url: server.url, skew: versionSkew(pluginVersion, version) }
}
