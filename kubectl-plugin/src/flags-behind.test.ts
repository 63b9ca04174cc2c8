import { expect, test } from 'vitest'
import { withFlagsBehind } from './flags-behind.ts'

test.each<[string, string]>([
  ['get nightly', 'get nightly'],
  ['-n team-a get nightly', 'get nightly -n team-a'],
  ['--context=x -n team-a history show nightly -o json', 'history show nightly -o json --context=x -n team-a'],
  ['-q get nightly', 'get nightly -q'],
  ['-n team-a accept nightly -- -odd', 'accept nightly -n team-a -- -odd'],
  ['--nosuch get', '--nosuch get'],
  ['-n team-a', '-n team-a'],
  ['-n', '-n'],
])('%s is read as %s', (words, expected) => {
  expect(withFlagsBehind(words.split(' ')).join(' ')).toBe(expected)
})
