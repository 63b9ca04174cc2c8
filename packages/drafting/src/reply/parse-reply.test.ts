import { expect, test } from 'vitest'
import { parsedColumn, parseReply } from './parse-reply.ts'

const answer = {
  table: { alternatives: ['Orders.', 'Sales.'], reasoning: 'Its columns.' },
  columns: [
    {
      name: 'id',
      alternatives: [{ text: 'Key.', confidence: 'high' }],
      reasoning: 'Primary key.',
      citations: ['primary key'],
    },
    { name: 'City', alternatives: [{ text: 'Town.', confidence: 'low' }], reasoning: '', citations: [] },
  ],
}
const json = JSON.stringify(answer)

test.each([
  ['JSON', json],
  ['fenced JSON', `Here you are:\n\`\`\`json\n${JSON.stringify(answer, null, 2)}\n\`\`\`\nAnything else?`],
  ['JSON among prose', `I think {this} is it: ${json} Good luck {really}.`],
  ['JSON after a thought with braces', `{"thought": "a } in a string"} ${json}`],
])('reads %s', (_, content) => {
  const reply = parseReply(content)
  expect(reply?.table?.texts).toEqual(['Orders.', 'Sales.'])
  expect(reply === null ? null : parsedColumn(reply, 'id')).toEqual({
    texts: ['Key.'],
    confidences: ['high'],
    reasoning: 'Primary key.',
    citations: ['primary key'],
  })
})

test('reads shapes that models make of the schema', () => {
  const reply = parseReply('{"columns": {"id": ["One.", "Two."], "b": {"alternatives": "Three."}}}')
  expect(reply?.columns.get('id')?.texts).toEqual(['One.', 'Two.'])
  expect(reply?.columns.get('b')?.texts).toEqual(['Three.'])
  expect(reply?.table).toBeNull()
})

test('reads labelled text, with marks, several lines and case as they come', () => {
  const reply = parseReply(`TABLE_DESCRIPTION_1: Orders
of the shop.
TABLE_DESCRIPTION_2: Sales.

**COLUMN:** \`id\`
DESCRIPTION_1: Key.
- description_2: Number.
CONFIDENCE: high
REASONING: Primary key.

COLUMN: City
DESCRIPTION_1: Town.`)
  expect(reply?.table?.texts).toEqual(['Orders of the shop.', 'Sales.'])
  expect(reply?.columns.get('id')).toEqual({
    texts: ['Key.', 'Number.'],
    confidences: ['high', 'high'],
    reasoning: 'Primary key.',
    citations: [],
  })
  expect(reply?.columns.get('City')?.texts).toEqual(['Town.'])
})

test.each([
  ['prose', 'I looked at the table. It is easy.'],
  ['nothing', ''],
  ['JSON cut short', json.slice(0, 80)],
  ['JSON with a fault', json.replace('"columns":', '"columns" ')],
  ['another object', '{"error": "no"}'],
  ['labels without texts', 'COLUMN: id\nCONFIDENCE: low'],
])('cannot read %s', (_, content) => {
  expect(parseReply(content)).toBeNull()
})

test('a column is found in another case or in quotes, unless that fits two', () => {
  const reply = parseReply(
    '{"columns": [{"name": "`CITY`", "alternatives": ["A."]}, {"name": "Zip", "alternatives": ["B."]}, {"name": "ZIP", "alternatives": ["C."]}]}',
  )
  expect(reply === null ? null : parsedColumn(reply, 'city')?.texts).toEqual(['A.'])
  expect(reply === null ? null : parsedColumn(reply, 'zip')).toBeNull()
  expect(reply === null ? null : parsedColumn(reply, 'ZIP')?.texts).toEqual(['C.'])
})

test('reads the confidence of each text, in JSON and by number in labelled text', () => {
  const json = parseReply(
    '{"columns": [{"name": "a", "alternatives": [{"text": "A.", "confidence": "Medium"}, {"text": "B."}, "C."]}]}',
  )
  expect(json?.columns.get('a')?.confidences).toEqual(['medium', null, null])
  const labelled = parseReply(`COLUMN: a
DESCRIPTION_1: A.
CONFIDENCE_1: **low**
DESCRIPTION_2: B.
CONFIDENCE_2: quite sure`)
  expect(labelled?.columns.get('a')?.confidences).toEqual(['low', null])
})
