import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { commandPath, commandsBelow } from '../command-path.ts'
import { examplesOf } from '../examples.ts'
import { allReferencePages, silentProgram } from './all-pages.ts'
import { referencePages } from './command-page.ts'

const pages = allReferencePages()

describe('a page', () => {
  const commands = commandsBelow(silentProgram()).filter((command) => command.commands.length === 0)

  test.each(commands.map(commandPath))('of %s has an example', (path) => {
    expect(examplesOf(path)).not.toEqual([])
  })

  test('of a command with commands has a section for each', () => {
    const program = new Command('kubectl amx')
    const group = program.command('queue').description('what waits')
    group.command('list', { isDefault: true }).description('show it')
    group.command('drop').description('leave it out').argument('<asset>', 'asset').option('--why <text>', 'the reason')
    const page = referencePages(program, new Command('bare')).get('queue.md') ?? ''
    expect(page.split('\n').filter((line) => /^[#|`k]/.test(line))).toEqual([
      '# kubectl amx queue',
      '| Command | Does |',
      '|---|---|',
      '| [queue list](#kubectl-amx-queue-list) | show it |',
      '| [queue drop](#kubectl-amx-queue-drop) | leave it out |',
      '## kubectl amx queue list',
      '```text',
      'kubectl amx queue list [flags]',
      '```',
      '## kubectl amx queue drop',
      '```text',
      'kubectl amx queue drop <asset> [flags]',
      '```',
      '### Arguments',
      '| Argument | Is |',
      '|---|---|',
      '| `asset` | asset |',
      '### Flags',
      '| Flag | Does |',
      '|---|---|',
      '| `--why <text>` | the reason |',
    ])
  })

  test('names what a flag takes and what it is without it', () => {
    expect(pages.get('check.md')).toContain(
      '| `--counting <what>` | what counts as described (one of commented, accepted, drafted; default: commented) |',
    )
    expect(pages.get('check.md')).toContain('kubectl amx check [run-or-asset...] [flags]')
  })
})
