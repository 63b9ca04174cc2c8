import { describe, expect, test } from 'vitest'
import type { TokenLogprob } from '../providers/model-reply.ts'
import { logprobScore, placeTokens } from './logprob-signal.ts'

/** Tokens as `[text, log-probability]`. */
function tokens(...given: readonly (readonly [string, number])[]): TokenLogprob[] {
  return given.map(([token, logprob]) => ({ token, bytes: null, logprob }))
}

function score(given: readonly TokenLogprob[], asset: string | null, text: string, content?: string): number | null {
  const whole = content ?? given.map(({ token }) => token).join('')
  const placed = placeTokens(whole, given)
  return placed === null ? null : logprobScore(whole, placed, asset, text)
}

const head = [
  ['{"columns":[{"name":"', -0.001],
  ['price', -0.001],
  ['","alternatives":[{"text":"', -0.001],
] as const

describe('by hand', () => {
  // "Unit" 4 characters at -0.1, " price" 6 at -0.4; the full stop is punctuation.
  // (4 · -0.1 + 6 · -0.4) / 10 = -0.28; exp(-0.28) = 0.7558
  test('the mean is weighted by the length of the tokens, and labels and punctuation are left out', () => {
    const given = tokens(...head, ['Unit', -0.1], [' price', -0.4], ['."', -5], ['}]}]}', -5])
    expect(score(given, 'price', 'Unit price.')).toBeCloseTo(0.7558, 4)
  })

  // A token that begins before the text and carries part of it counts: `"Unit` is 5 characters.
  // (5 · -0.2 + 6 · 0) / 11 = -0.0909; exp = 0.9131
  test('a token that reaches over the quote counts as it is', () => {
    const given = tokens(
      ['{"columns":[{"name":"price","alternatives":[{"text":', 0],
      ['"Unit', -0.2],
      [' price', 0],
      ['."}]}]}', -9],
    )
    expect(score(given, 'price', 'Unit price.')).toBeCloseTo(0.9131, 4)
  })

  // All certain: exp(0) = 1. All at ln 0.5: 0.5, however long they are.
  test.each([
    [0, 1],
    [Math.log(0.5), 0.5],
    [-20, 0],
  ])('tokens that are all at %d give %d', (logprob, expected) => {
    expect(
      score(tokens(...head, ['Unit', logprob], [' price.', logprob], ['"}]}]}', -3]), 'price', 'Unit price.'),
    ).toBeCloseTo(expected, 6)
  })
})

test('equal texts of two columns have the tokens of their own place', () => {
  const given = tokens(
    ['{"columns":[{"name":"a","alternatives":[{"text":"', 0],
    ['Amount', Math.log(0.9)],
    ['"}]},{"name":"b","alternatives":[{"text":"', 0],
    ['Amount', Math.log(0.2)],
    ['"}]}]}', 0],
  )
  expect(score(given, 'a', 'Amount')).toBeCloseTo(0.9, 6)
  expect(score(given, 'b', 'Amount')).toBeCloseTo(0.2, 6)
})

test('the text of the table is found behind its key, and a key is no text', () => {
  const given = tokens(
    ['{"columns":[],"table":{"alternatives":["', 0],
    ['alternatives', Math.log(0.3)],
    ['"],"reasoning":""}}', 0],
  )
  expect(score(given, null, 'alternatives')).toBeCloseTo(0.3, 6)
})

test('escapes and characters of several bytes are laid over byte for byte', () => {
  const given: TokenLogprob[] = [
    ...tokens(['{"columns":[{"name":"p","alternatives":[{"text":"', 0], ['Price \\"net\\" in ', Math.log(0.5)]),
    // The euro sign in two tokens, neither of which is a character.
    { token: '\ufffd', bytes: [0xe2, 0x82], logprob: -9 },
    { token: '\ufffd', bytes: [0xac], logprob: -9 },
    ...tokens(['"}]}]}', 0]),
  ]
  const content = '{"columns":[{"name":"p","alternatives":[{"text":"Price \\"net\\" in €"}]}]}'
  expect(score(given, 'p', 'Price "net" in €', content)).toBeCloseTo(0.5, 6)
})

test('a thought before the reply and a mark behind it are passed over', () => {
  const given = tokens(
    ['<think>Unit price?</think>', -9],
    ['{"columns":{"p":["', 0],
    ['Unit price', -1],
    ['"]}}', 0],
    ['<eos>', -9],
  )
  expect(score(given, 'p', 'Unit price', '{"columns":{"p":["Unit price"]}}')).toBeCloseTo(Math.exp(-1), 6)
})

test('labelled text is found word for word', () => {
  const given = tokens(['COLUMN: p\nDESCRIPTION_1: ', 0], ['Unit price', -0.7])
  expect(score(given, 'p', 'Unit price')).toBeCloseTo(Math.exp(-0.7), 6)
})

test.each([
  ['tokens that do not spell the reply', tokens(['{"a":', 0], ['"b"}', 0]), 'p', 'Unit price', '{"columns":[]}'],
  ['a text the reply does not hold', tokens(['{"columns":[]}', 0]), 'p', 'Unit price', undefined],
  ['a text of punctuation', tokens(['["', 0], ['...', -1], ['"]', 0]), 'p', '...', undefined],
  ['an empty reply', tokens(['x', 0]), 'p', 'x', ''],
] as const)('%s has no score', (_, given, asset, text, content) => {
  expect(score(given, asset, text, content)).toBeNull()
})
