import type { Command } from 'commander'
import type { CommandIO } from './command-io.ts'
import { type Connection, connect } from './connection/connection.ts'
import type { SharedOptions } from './shared-options.ts'

/** What every command is given besides its own arguments. */
export interface CommandContext {
  readonly io: CommandIO
  /** Connects as the flags of the command line say; called once, when the command knows that its arguments are right. */
  connect(): Promise<Connection>
}

/** The body of a command: throws an AmxError where something is wrong. */
export type CommandBody<Arguments extends readonly unknown[], Options> = (
  context: CommandContext,
  args: Arguments,
  options: Options,
) => Promise<void>

/** Ties a body to a commander command. */
export function withContext<Arguments extends readonly unknown[], Options>(
  streams: CommandIO,
  body: CommandBody<Arguments, Options>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command
    const options = command.optsWithGlobals<Options & SharedOptions>()
    const io = { ...streams, quiet: options.quiet ?? false }
    const connections: Connection[] = []
    const opening = async () => {
      const connection = await connect(options, io)
      connections.push(connection)
      return connection
    }
    try {
      await body({ io, connect: opening }, given.slice(0, -2) as unknown as Arguments, options)
    } finally {
      for (const connection of connections) connection.close()
    }
  }
}
