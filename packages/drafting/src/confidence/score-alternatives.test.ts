import { expect, test } from 'vitest'
import { salesOrder } from '../testing/shop-profile.ts'
import { bandOf } from './band-of.ts'
import { evidenceSubject } from './evidence-subject.ts'
import { scoreAlternatives } from './score-alternatives.ts'

const subject = evidenceSubject(salesOrder(), 'order_number')
const texts = ['Order number of the sales order.', 'Number of the invoice.']

test('every text has a score of its own', () => {
  expect(scoreAlternatives('Evidence', texts, subject)).toEqual({ scores: [0.8, 0.3333], warning: null })
  const { scores, warning } = scoreAlternatives('SelfConsistency', texts, subject)
  expect(scores).toHaveLength(2)
  expect(scores[0]).toBe(scores[1])
  expect(warning).toBeNull()
})

test('one text alone has no self-consistency, and it is said why', () => {
  expect(scoreAlternatives('SelfConsistency', ['Order number.'], subject)).toEqual({
    scores: [null],
    warning: 'no self-consistency: a single alternative has no other to agree with',
  })
})

test('None asks for no score and gives no warning', () => {
  expect(scoreAlternatives('None', texts, subject)).toEqual({ scores: [null, null], warning: null })
})

test.each(['Logprob', 'Judge', 'SelfDeclared'] as const)(
  '%s comes from a reply: without one there is none',
  (signal) => {
    expect(scoreAlternatives(signal, texts, subject)).toEqual({
      scores: [null, null],
      warning: `no ${signal} score: no model was asked`,
    })
    expect(scoreAlternatives(signal, texts, subject, { scores: [0.123456, null], warning: 'half of it' })).toEqual({
      scores: [0.1235, null],
      warning: 'half of it',
    })
  },
)

test('bands begin at their thresholds', () => {
  const bands = { high: 0.75, medium: 0.5 }
  expect([1, 0.75, 0.7499, 0.5, 0.4999, 0, null].map((score) => bandOf(score, bands))).toEqual([
    'High',
    'High',
    'Medium',
    'Medium',
    'Low',
    'Low',
    null,
  ])
})
