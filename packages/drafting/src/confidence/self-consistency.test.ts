import { cosine, embed, embeddingSize } from '@amx/retrieval'
import { describe, expect, test } from 'vitest'
import { selfConsistency } from './self-consistency.ts'

describe('the built-in embedding', () => {
  test('is a unit vector, the same every time', () => {
    const vector = embed('Unit price of the order line.')
    expect(vector).toHaveLength(embeddingSize)
    expect(cosine(vector, vector)).toBeCloseTo(1, 5)
    expect(embed('Unit price of the order line.')).toEqual(vector)
  })

  test('sees through case, punctuation and plural', () => {
    expect(cosine(embed('Orders, by customer'), embed('order BY customers.'))).toBeCloseTo(1, 5)
  })

  test('puts paraphrases nearer than other meanings', () => {
    const text = embed('E-mail address of the customer.')
    const near = cosine(text, embed('Holds the e-mail address of each customer.'))
    const far = cosine(text, embed('Weight of the parcel in grams.'))
    expect(near).toBeGreaterThan(0.9)
    expect(far).toBeLessThan(0.3)
  })

  test('of no words is nothing, near to nothing', () => {
    expect(cosine(embed(' .,! '), embed('price'))).toBe(0)
  })
})

describe('self-consistency', () => {
  // By hand: three texts, a = b, c shares nothing with them: cosines ab = 1, ac = bc = 0.
  // a: (1 + 0) / 2 = 0.5; b the same; c: (0 + 0) / 2 = 0.
  test('is the mean cosine to the others', () => {
    const scores = selfConsistency(['price', 'Price', 'quux'])
    expect(scores?.[0]).toBeCloseTo(0.5 + cosine(embed('price'), embed('quux')) / 2, 5)
    expect(scores?.[1]).toBeCloseTo(scores?.[0] ?? 0, 5)
    expect(scores?.[2]).toBeCloseTo(Math.max(0, cosine(embed('price'), embed('quux'))), 5)
  })

  // By hand: single words of weight 1 without shared 3-grams; 'aa' has padded 3-grams <aa aa> of weight 0.25 each.
  // |aa|² = 1 + 2 · 0.0625 = 1.125; |aa bb|² = 2.25; dot = 1.125; cosine = 1.125 / √(1.125 · 2.25) = √0.5 = 0.7071.
  test('of a text that says half of the other is 0.71 on both sides', () => {
    const scores = selfConsistency(['aa', 'aa bb'])
    expect(scores?.[0]).toBeCloseTo(Math.SQRT1_2, 3)
    expect(scores?.[1]).toBeCloseTo(Math.SQRT1_2, 3)
  })

  test('of one text does not exist: nothing agrees with nothing', () => {
    expect(selfConsistency(['Name of the customer.'])).toBeNull()
    expect(selfConsistency([])).toBeNull()
  })
})
