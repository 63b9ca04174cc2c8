import { describe, expect, test } from 'vitest'
import { evaluateJSONPath, parseJSONPath } from './json-path.ts'

const value = {
  items: [
    { metadata: { name: 'a', labels: { 'amx.dev/origin': 'plugin' } }, phase: 'Succeeded', cost: 3, done: true },
    { metadata: { name: 'b' }, phase: 'Failed', cost: 10, note: null },
  ],
  next: null,
}
const take = (template: string) => evaluateJSONPath(parseJSONPath(template), value)

describe('a template takes', () => {
  test.each([
    ['a field', '{.items[0].metadata.name}', 'a'],
    ['a field without braces', '.items[0].phase', 'Succeeded'],
    ['a field from the root', '{$.items[1].phase}', 'Failed'],
    ['the last item', '{.items[-1].metadata.name}', 'b'],
    ['a slice', '{.items[0:1].metadata.name}', 'a'],
    ['every item, separated by blanks', '{.items[*].metadata.name}', 'a b'],
    ['every field', '{.items[1].metadata.*}', 'b'],
    ['a key with dots, escaped', '{.items[0].metadata.labels.amx\\.dev/origin}', 'plugin'],
    ['a key in brackets', "{.items[0].metadata.labels['amx.dev/origin']}", 'plugin'],
    ['fields at any depth', '{..name}', 'a b'],
    ['an object, as JSON', '{.items[1].metadata}', '{"name":"b"}'],
    ['null and numbers, as JSON', '{.next} {.items[1].cost}', 'null 10'],
    ['items that match a text', '{.items[?(@.phase=="Failed")].metadata.name}', 'b'],
    ['items that match a nested text', "{.items[?(@.metadata.name!='b')].phase}", 'Succeeded'],
    ['items that match a number', '{.items[?(@.cost>=10)].metadata.name}', 'b'],
    ['items that have a field', '{.items[?(@.done)].metadata.name}', 'a'],
    ['text around it', 'runs: {.items[*].metadata.name}!', 'runs: a b!'],
    ['a loop', '{range .items[*]}{.metadata.name}{"\\t"}{.phase}{"\\n"}{end}', 'a\tSucceeded\nb\tFailed\n'],
    ['a brace in quotes', '{"}"}{.next}', '}null'],
    ['nothing of what is missing', '{.items[7].metadata.name}{.absent.too}{.items[0].metadata.constructor}', ''],
  ])('%s', (_, template, expected) => {
    expect(take(template)).toBe(expected)
  })
})

test.each([
  ['{.items', 'has no "}"'],
  ['{range .items[*]}{.name}', 'without an {end}'],
  ['{end}', 'without a {range}'],
  ['{.items[?(process.exit())]}', 'not a part of a JSONPath'],
  ['{.items[?(@.a==b)]}', 'no text in quotes'],
  ['{.a]}', 'does not fit'],
])('%s is refused', (template, problem) => {
  expect(() => parseJSONPath(template)).toThrowError(problem)
})
