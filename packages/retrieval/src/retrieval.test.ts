import { describe, expect, it, test } from 'vitest'
import { diversify } from './diversify.ts'
import { cosine } from './embedding.ts'
import { createLexicalIndex } from './lexical-index.ts'
import { reciprocalRankFusion } from './reciprocal-rank-fusion.ts'
import { embedForSearch } from './search-embedding.ts'
import { searchTerms, stemOf } from './search-terms.ts'

const stems = (text: string) => searchTerms(text).map(({ stem }) => stem)

describe('terms for search', () => {
  it('parts identifiers and spells their abbreviations out beside them', () => {
    expect(stems('cust_qty orderStatus HTTPServer')).toEqual([
      'cust',
      'customer',
      'qty',
      'quantiti',
      'order',
      'status',
      'http',
      'server',
    ])
  })

  it('takes words that every object of the language knows for what they are', () => {
    expect(stems('constructor toString __proto__')).toEqual(['constructor', 'proto'])
  })

  it('leaves out what only carries grammar', () => {
    expect(stems('the status of a claim is one of these')).toEqual(['status', 'claim'])
  })

  test.each([
    ['policies', 'policy'],
    ['cancelled', 'cancel'],
    ['cancellation', 'cancel'],
    ['shipping', 'shipped'],
    ['payments', 'pay'],
    ['created', 'creation'],
    ['settles', 'settlement'],
  ])('brings %s and %s together', (one, other) => {
    expect(stemOf(one)).toBe(stemOf(other))
  })

  test.each(['address', 'status', 'basis', 'tax', 'sku7'])('leaves %s recognisable', (word) => {
    expect(word.startsWith(stemOf(word).slice(0, 3))).toBe(true)
    expect(stemOf(word).length).toBeGreaterThanOrEqual(3)
  })
})

describe('rank fusion', () => {
  it('adds 1 / (60 + rank) over the lists', () => {
    const fused = reciprocalRankFusion([
      ['a', 'b', 'c'],
      ['b', 'd'],
    ])
    expect(fused.map(({ key }) => key)).toEqual(['b', 'a', 'd', 'c'])
    expect(fused[0]?.score).toBeCloseTo(1 / 62 + 1 / 61, 12)
    expect(fused[3]?.score).toBeCloseTo(1 / 63, 12)
  })

  it('counts a key that a list repeats once', () => {
    expect(reciprocalRankFusion([['a', 'a', 'b']])[0]?.score).toBeCloseTo(1 / 61, 12)
  })
})

describe('diversification', () => {
  const unit = (x: number, y: number) => Float32Array.of(x, y)

  it('prefers another passage to a near copy of the best', () => {
    const candidates = [
      { name: 'best', score: 1, vector: unit(1, 0) },
      { name: 'copy', score: 0.95, vector: unit(1, 0) },
      { name: 'other', score: 0.9, vector: unit(0, 1) },
      { name: 'last', score: 0.5, vector: unit(0, 1) },
    ]
    expect(diversify(candidates, 2).map(({ name }) => name)).toEqual(['best', 'other'])
    expect(diversify(candidates, 2, 1).map(({ name }) => name)).toEqual(['best', 'copy'])
  })

  it('gives all there are when fewer than asked for', () => {
    expect(diversify([{ score: 0, vector: unit(1, 0) }], 5)).toHaveLength(1)
    expect(diversify([], 5)).toEqual([])
  })
})

describe('the lexical index', () => {
  const index = createLexicalIndex([
    'Orders are shipped from the nearest warehouse.',
    'A claim is settled when its reserve is zero. The claim status says so.',
    'status status status',
  ])

  it('ranks by rare words before common ones', () => {
    expect(index.search('claim_status', 3).map(({ position }) => position)).toEqual([1, 2])
  })

  it('finds nothing where no word is shared', () => {
    expect(index.search('invoice', 3)).toEqual([])
  })
})

describe('the embedding for search', () => {
  it('is a unit vector, equal for equal texts', () => {
    const vector = embedForSearch('Date on which the claim was reported')
    expect(cosine(vector, vector)).toBeCloseTo(1, 5)
    expect(embedForSearch('Date on which the claim was reported')).toEqual(vector)
  })

  it('brings an identifier nearer to the prose about it than to other prose', () => {
    const question = embedForSearch('claims.claim reported_dt date')
    const about = embedForSearch(
      'The reported date of a claim is the day the notice reached us, not the day of the loss.',
    )
    const other = embedForSearch('Parcels above thirty kilograms travel with the freight carrier.')
    expect(cosine(question, about)).toBeGreaterThan(cosine(question, other) + 0.2)
  })

  it('is zero for a text without words', () => {
    expect(embedForSearch('— …').every((value) => value === 0)).toBe(true)
  })
})
