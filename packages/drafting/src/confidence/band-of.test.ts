import { expect, test } from 'vitest'
import { bandOf } from './band-of.ts'

const standard = { high: 0.75, medium: 0.5 }

test.each([
  [1, 'High'],
  [0.75, 'High'],
  [0.7499, 'Medium'],
  [0.5, 'Medium'],
  [0.4999, 'Low'],
  [0, 'Low'],
  [null, null],
] as const)('a score of %s is of the band %s', (score, band) => {
  expect(bandOf(score, standard)).toBe(band)
})

test.each([
  [0.89, 'Medium'],
  [0.9, 'High'],
  [0.79, 'Low'],
] as const)('with bands from 0.9 and 0.8 a score of %s is %s', (score, band) => {
  expect(bandOf(score, { high: 0.9, medium: 0.8 })).toBe(band)
})

test('equal bands leave nothing between them', () => {
  expect([0.59, 0.6].map((score) => bandOf(score, { high: 0.6, medium: 0.6 }))).toEqual(['Low', 'High'])
})
