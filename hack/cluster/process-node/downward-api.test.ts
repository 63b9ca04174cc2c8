import { expect, test } from 'vitest'
import { fieldValue, quantity } from './downward-api.ts'

test.each([
  ['0', 0],
  ['1', 1],
  ['1500m', 1.5],
  ['2k', 2_000],
  ['1Ki', 1_024],
  ['1.5Gi', 1_610_612_736],
  ['1e3', 1_000],
])('the quantity %s is %d', (text, value) => {
  expect(quantity(text)).toBeCloseTo(value)
})

test('a text that is no quantity is refused', () => {
  expect(() => quantity('1 GB')).toThrow('not a quantity: 1 GB')
})

test('all labels are lines with quoted values, in order', () => {
  const metadata = { name: 'one', namespace: 'test', uid: 'u', labels: { b: 'two "words"', a: '1' } }
  const pod = { metadata, spec: { containers: [] } }
  expect(fieldValue(pod, { fieldPath: 'metadata.labels' })).toBe('a="1"\nb="two \\"words\\""')
})
