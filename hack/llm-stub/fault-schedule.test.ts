import { expect, test } from 'vitest'
import { type FaultSubject, faultSchedule } from './fault-schedule.ts'
import type { FaultRule } from './stub-options.ts'

const subject: FaultSubject = {
  route: 'chat',
  model: 'm',
  table: 'sales.customer',
  columns: ['c_a', 'flg2'],
  promptDigest: 'p1',
  usesJsonSchema: true,
  usesLogprobs: false,
}

function outcomes(
  rules: FaultRule[],
  count: number,
  change: (n: number) => Partial<FaultSubject> = () => ({}),
): string {
  const schedule = faultSchedule(rules, 1)
  return Array.from({ length: count }, (_, n) => (schedule.next({ ...subject, ...change(n) }) ? 'x' : '.')).join('')
}

test.each<[string, FaultRule, string]>([
  ['always', { kind: 'hang' }, 'xxxxxxxxx'],
  ['every third', { kind: 'hang', every: 3 }, '..x..x..x'],
  ['the first two', { kind: 'hang', first: 2 }, 'xx.......'],
  ['two after four', { kind: 'hang', after: 4, first: 2 }, '....xx...'],
  ['a named column', { kind: 'hang', mentions: 'flg2' }, 'xxxxxxxxx'],
  ['a named table', { kind: 'hang', mentions: 'sales.customer' }, 'xxxxxxxxx'],
  ['another column', { kind: 'hang', mentions: 'flg3' }, '.........'],
  ['part of a name', { kind: 'hang', mentions: 'flg' }, '.........'],
  ['many columns', { kind: 'hang', minimumColumns: 3 }, '.........'],
  ['another model', { kind: 'hang', model: 'n' }, '.........'],
  ['never', { kind: 'hang', probability: 0 }, '.........'],
  ['surely', { kind: 'hang', probability: 1 }, 'xxxxxxxxx'],
])('%s', (_name, rule, expected) => {
  expect(outcomes([rule], 9)).toBe(expected)
})

test('a drawn share is the same for the same seed and near the share', () => {
  const rule: FaultRule = { kind: 'hang', probability: 0.3, seed: 7 }
  const drawn = outcomes([rule], 1000)
  expect(drawn).toBe(outcomes([rule], 1000))
  expect(drawn).not.toBe(outcomes([{ ...rule, seed: 8 }], 1000))
  expect(drawn.replaceAll('.', '').length).toBeGreaterThan(240)
  expect(drawn.replaceAll('.', '').length).toBeLessThan(360)
})

test('the first of every prompt', () => {
  const rule: FaultRule = { kind: 'hang', firstPerPrompt: 1 }
  expect(outcomes([rule], 6, (n) => ({ promptDigest: `p${n % 3}` }))).toBe('xxx...')
})

test('requests a rule does not concern are not counted', () => {
  const rule: FaultRule = { kind: 'hang', mentions: 'c_a', first: 1 }
  expect(outcomes([rule], 4, (n) => (n < 2 ? { columns: ['other'] } : {}))).toBe('..x.')
})

test('the first rule that holds decides', () => {
  const schedule = faultSchedule([{ kind: 'rate-limit', first: 1 }, { kind: 'refusal' }], 1)
  expect([schedule.next(subject)?.kind, schedule.next(subject)?.kind]).toEqual(['rate-limit', 'refusal'])
})
