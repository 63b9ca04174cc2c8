import { Command } from 'commander'
import type { CommandIO } from '../../command-io.ts'
import { listCommand } from './list-catalog.ts'
import { refreshCommand } from './refresh-catalog.ts'
import { showCommand } from './show-asset.ts'

/** `catalog`: what is known of databases. */
export function catalogCommand(io: CommandIO): Command {
  return new Command('catalog')
    .description('show what is known of databases, and read it again')
    .addCommand(listCommand(io), { isDefault: true })
    .addCommand(showCommand(io))
    .addCommand(refreshCommand(io))
}
