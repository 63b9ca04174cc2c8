import { spawn } from 'node:child_process'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'

interface Options {
  readonly open: boolean
  readonly port?: string
}

/** `studio`: the server's page in a browser, signed in. */
export function studioCommand(io: CommandIO): Command {
  return new Command('studio')
    .description("open the server's page in a browser, signed in as you")
    .option('--no-open', 'print the address only')
    .option('--port <port>', 'port of this machine, where one is forwarded (default: a free one)')
    .action(withContext(io, body))
}

const body: CommandBody<[], Options> = async ({ io, connect }, _, options) => {
  const port = portOf(options.port)
  const connection = await connect()
  const server = await connection.server()
  const { code } = await server.createSignInCode()
  const base = await connection.browserUrl(port)
  // Behind `#`, where no server, no log and no other page sees it.
  const address = new URL(`sign-in#code=${code}`, base.endsWith('/') ? base : `${base}/`).href
  print(io, address)
  if (options.open && !(await opened(address))) remark(io, 'no browser could be started: open the address above')
  remark(io, 'The address signs in once, within a minute.')
  if (!connection.isForwarding()) return
  remark(io, 'The server is reached through this command: leave it running, and end it with Ctrl-C.')
  await new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve()
    // A listening port keeps the command alive until then.
    io.signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port <= 65_535) return port
  throw usageError(`--port: "${text}" is no port`)
}

/** Hands the address to what the system opens addresses with; false when there is nothing. */
function opened(address: string): Promise<boolean> {
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [address]]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', address]]
        : ['xdg-open', [address]]
  return new Promise((resolve) => {
    const child = spawn(command as string, args as string[], { stdio: 'ignore', detached: true })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}
