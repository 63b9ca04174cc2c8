import { describe, expect, test } from 'vitest'
import { foundChunk } from '../testing/context-fixture.ts'
import { locateQuote } from './located-quote.ts'

const chunk = foundChunk(
  '# Orders\n\nThe status of an order is  `new`\nuntil the customer paid.\n“Paid” orders are shipped.',
  {
    startLine: 10,
  },
)

describe('a quotation is found', () => {
  test.each([
    ['word for word', 'The status of an order is', 'The status of an order is', 12, 12],
    ['in other case and white space', 'the STATUS of\nan   order', 'The status of an order', 12, 12],
    ['over a line break', "is 'new' until the customer paid", 'is `new` until the customer paid', 12, 13],
    ['with other quotation marks', '"Paid" orders', 'Paid” orders', 14, 14],
    [
      'with a part left out',
      'The status … customer paid.',
      'The status of an order is `new` until the customer paid.',
      12,
      13,
    ],
    ['within quotation marks of the model', '"until the customer paid."', 'until the customer paid.', 13, 13],
  ])('%s', (_, quote, snippet, startLine, endLine) => {
    expect(locateQuote(quote, chunk)).toEqual({ snippet, startLine, endLine })
  })
})

describe('a quotation is invented', () => {
  test.each([
    ['when the chunk does not say it', 'The status of an invoice'],
    ['when its parts stand in another order', 'customer paid … The status'],
    ['when a word is changed', 'until the customer has paid'],
    ['when it is blank', '  '],
    ['when it is too short to show anything', 'is'],
  ])('%s', (_, quote) => {
    expect(locateQuote(quote, chunk)).toBeNull()
  })
})

test('text that is not its lines, as of a PDF, is cited by the lines of the chunk', () => {
  const folded = foundChunk('One. Two. Three.', { startLine: 3, endLine: 40 })
  expect(locateQuote('Two.', folded)).toEqual({ snippet: 'Two.', startLine: 3, endLine: 40 })
})

test('a long quotation is cut', () => {
  const long = foundChunk('word '.repeat(400))
  expect(locateQuote('word '.repeat(300), long)?.snippet).toHaveLength(500)
})
