import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { wantedWord } from './wanted-word.ts'

const program = new Command('kubectl amx')
const queue = program.command('queue').description('what waits')
queue.command('list', { isDefault: true }).argument('[scope...]', 'assets').option('--filter <pattern>', 'which')
queue.command('drop').argument('<asset>', 'asset').option('--why <text>', 'the reason')

describe('of a command with commands', () => {
  test.each([
    ['its commands', ['queue', ''], ['list', 'drop']],
    ['the one that is typed', ['queue', 'd'], ['drop']],
    ['flags of the one that is named', ['queue', 'drop', '--'], ['--why']],
    ['flags of its default', ['queue', '--'], ['--filter']],
  ])('%s', (_, words, expected) => {
    const wanted = wantedWord(program, words)
    expect(wanted.kind === 'words' && wanted.candidates.map(({ value }) => value)).toEqual(expected)
  })

  test.each([
    ['what its default takes', ['queue', 'sales.'], 'sales.'],
    ['what the one that is named takes', ['queue', 'drop', 'hr'], 'hr'],
  ])('%s', (_, words, typed) => {
    expect(wantedWord(program, words)).toMatchObject({ kind: 'assets', typed })
  })
})
