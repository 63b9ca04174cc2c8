import { expect, test } from 'vitest'
import { cleanText } from './clean-text.ts'
import { distinctTexts } from './distinct-texts.ts'

test('white space is folded and control characters go', () => {
  expect(cleanText('  Name\u0000 of\n the\t\u001bcustomer.\u200b ', 'Brief')).toBe('Name of the customer.')
})

test('paragraphs stay where several are asked for', () => {
  const text = 'First part.\n\n\n Second\npart. '
  expect(cleanText(text, 'Exhaustive')).toBe('First part.\n\nSecond part.')
  expect(cleanText(text, 'Brief')).toBe('First part. Second part.')
})

test.each(['', '  ', '-', '…', '???', '—', 'x'])('%j says nothing', (text) => {
  expect(cleanText(text, 'Brief')).toBe('')
})

test('a run-away text is cut at the end of a sentence', () => {
  const text = `${'A sentence of some words. '.repeat(60)}`
  const cut = cleanText(text, 'Brief')
  expect(cut.length).toBeLessThanOrEqual(1_000)
  expect(cut).toMatch(/words\.$/)
})

test("quotes around the whole text are the model's, not the text's", () => {
  expect(cleanText('"Name of the customer."', 'Brief')).toBe('Name of the customer.')
})

test('blanks and texts that differ in case, white space or the final period only are dropped', () => {
  const texts = ['Name of the customer.', '', 'NAME  of the customer', 'Customer name.', ' customer name. ']
  expect(distinctTexts(texts, 'Brief')).toEqual(['Name of the customer.', 'Customer name.'])
})

test('what exists already does not count again', () => {
  expect(distinctTexts(['A name.', 'A title.'], 'Brief', ['a NAME'])).toEqual(['A title.'])
})
