import { expect, test } from 'vitest'
import { parseTexts } from './texts-file.ts'

const customer = { asset: 'sales.customer', text: 'Who buys.' }

test.each<[string, string, string]>([
  ['a list', '- {asset: sales.customer, text: Who buys.}\n', 'texts.yaml'],
  ['a map', 'sales.customer: Who buys.\n', 'texts.yaml'],
  ['JSON', '[{"asset": "sales.customer", "text": "Who buys."}]', 'texts.json'],
  ['CSV', '\uFEFFasset,text,target\r\nsales.customer,Who buys.,\r\n', 'TEXTS.CSV'],
])('texts are read from %s', (_, content, name) => {
  expect(parseTexts(content, name)).toEqual([customer])
})

test('CSV keeps commas, quotes and line breaks of a text, and the target', () => {
  const content = 'target,asset,text\npg,"a.""B.c""","Says ""so"", twice.\nThen stops."\n'
  expect(parseTexts(content, 'x.csv')).toEqual([
    { asset: 'a."B.c"', target: 'pg', text: 'Says "so", twice.\nThen stops.' },
  ])
})

test.each<[string, string, string, string]>([
  ['nothing', '', 'x.yaml', 'x.yaml holds no texts'],
  ['a list of nothing', '[]', 'x.yaml', 'holds no text'],
  ['a text alone', 'Who buys.', 'x.yaml', 'holds no texts'],
  ['an entry without an asset', '- {text: Who buys.}', 'x.yaml', 'entry 1 names no asset'],
  ['an entry without a text', '- {asset: a.b, text: ""}', 'x.yaml', 'entry 1 (a.b) has no text'],
  ['other heads', 'path,description\na.b,x\n', 'x.csv', 'entry 1 names no asset'],
  ['half a quote', 'asset,text\na.b,"x\n', 'x.csv', 'Quote Not Closed'],
  ['broken YAML', 'a: [', 'x.yaml', 'x.yaml:'],
])('%s is refused and says what is missing', (_, content, name, problem) => {
  expect(() => parseTexts(content, name)).toThrow(problem)
})
