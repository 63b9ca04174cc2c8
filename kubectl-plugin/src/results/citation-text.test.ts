import { expect, test } from 'vitest'
import { citationPlace } from './citation-text.ts'

test.each([
  [{ source: 'profile', snippet: 'unique' }, 'profile'],
  [{ source: 'handbook', path: 'orders.md', snippet: 'x' }, 'handbook orders.md'],
  [{ source: 'handbook', path: 'orders.md', startLine: 3, endLine: 3, snippet: 'x' }, 'handbook orders.md:3'],
  [{ source: 'webshop', path: 'src/total.py', startLine: 3, endLine: 9, snippet: 'x' }, 'webshop src/total.py:3-9'],
])('%o stands at %s', (citation, place) => {
  expect(citationPlace(citation)).toBe(place)
})
