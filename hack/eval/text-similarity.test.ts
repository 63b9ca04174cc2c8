import { expect, test } from 'vitest'
import { embeddingSimilarity, tokenOverlap } from './text-similarity.ts'

test.each([
  ['Name of the city', 'Name of the city', 1],
  ['Name of the city', 'name OF the City.', 1],
  // Shared: of, the; 4 + 5 words.
  ['Name of the city', 'Code of the bicycle model', 4 / 9],
  ['Name', 'Weight in kilograms', 0],
  ['', '', 0],
])('overlap of "%s" with "%s"', (text, reference, overlap) => {
  expect(tokenOverlap(text, reference)).toBeCloseTo(overlap)
})

test('texts that mean the same are nearer than texts that do not', () => {
  const reference = 'Weight of the bicycle in kilograms'
  expect(embeddingSimilarity('Weight of a bicycle, in kilograms.', reference)).toBeGreaterThan(0.9)
  expect(embeddingSimilarity('City in which the tariff applies.', reference)).toBeLessThan(0.3)
})
