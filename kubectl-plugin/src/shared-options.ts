import type { Command } from 'commander'
import { addConnectionOptions, type ConnectionOptions } from './connection/connection-options.ts'

/** Flags of every command that does something. */
export interface SharedOptions extends ConnectionOptions {
  readonly quiet?: boolean
}

/** Adds the flags to a command. */
export function addSharedOptions(command: Command): Command {
  return addConnectionOptions(command.option('-q, --quiet', 'no remarks on standard error; data and errors stay'))
}
