import { Command } from 'commander'
import { expect, test } from 'vitest'
import { dryRunOption, withBareDryRun } from './dry-run.ts'

const given = (...words: string[]) => {
  const command = new Command('make')
    .argument('<name>')
    .addOption(dryRunOption({ bare: 'statements', says: 'what would be' }))
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  command.parse(withBareDryRun(words), { from: 'user' })
  return [command.args, command.opts()['dryRun']]
}

test.each([
  [['first'], 'none'],
  [['first', '--dry-run=client'], 'client'],
  [['--dry-run', 'server', 'first'], 'server'],
  [['--dry-run', 'first'], 'statements'],
  [['first', '--dry-run'], 'statements'],
])('%j stops at %s', (words, expected) => {
  expect(given(...words)).toEqual([['first'], expected])
})

test('what stands behind -- is no flag', () => {
  expect(withBareDryRun(['--', '--dry-run'])).toEqual(['--', '--dry-run'])
})

test('a place that is none is refused', () => {
  expect(() => given('first', '--dry-run=everywhere')).toThrow('Allowed choices are none, client, server')
})
