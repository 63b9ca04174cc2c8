import { expect, test } from 'vitest'
import { evidenceSubject } from '../confidence/evidence-subject.ts'
import { foundChunk } from '../testing/context-fixture.ts'
import { salesOrder } from '../testing/shop-profile.ts'
import { contextLimits } from './context-limits.ts'
import { selectExcerpts } from './excerpt.ts'

const profile = salesOrder()
const subjects = new Map(['net_total', 'shipped_at'].map((name) => [name, evidenceSubject(profile, name)]))
const limits = contextLimits.Standard

test('what has to do with no asset of the batch is left out, however high it ranked', () => {
  const found = [
    foundChunk('Holidays are asked for in writing.', { score: 1 }),
    foundChunk('The net_total of a sales order is before tax.', { score: 0.1 }),
  ]
  const excerpts = selectExcerpts('Documents', found, subjects, limits)
  expect(excerpts.map(({ id, text, assets }) => ({ id, text, assets }))).toEqual([
    { id: 'D1', text: 'The net_total of a sales order is before tax.', assets: ['net_total'] },
  ])
  expect(selectExcerpts('Code', [], subjects, limits)).toEqual([])
})

test('a chunk that several queries found is shown once', () => {
  const chunk = foundChunk('net_total is before tax.')
  expect(selectExcerpts('Code', [chunk, { ...chunk, score: 0.9 }], subjects, limits)).toHaveLength(1)
})

test('every asset gets its best chunk before any gets a second', () => {
  const found = [
    ...Array.from({ length: 6 }, (_, index) =>
      foundChunk(`net_total of a sales order, rule ${index}.`, { score: 0.9 }),
    ),
    foundChunk('shipped_at is when the carrier took it.', { score: 0.1 }),
  ]
  const excerpts = selectExcerpts('Documents', found, subjects, { ...limits, excerpts: 2 })
  expect(excerpts.map(({ assets }) => assets[0]).sort()).toEqual(['net_total', 'shipped_at'])
})

test('characters in all are bounded, and one long chunk is cut to the lines that name an asset', () => {
  const filler = Array.from({ length: 300 }, (_, index) => `def helper_${index}(value): return value`)
  const source = [...filler.slice(0, 150), 'net_total = sum(lines)', ...filler.slice(150)].join('\n')
  const [excerpt] = selectExcerpts('Code', [foundChunk(source, { kind: 'Code' })], subjects, limits)
  expect(excerpt?.text).toContain('net_total = sum(lines)')
  expect(excerpt?.text.length).toBeLessThanOrEqual(1_700)
  const many = Array.from({ length: 8 }, (_, index) =>
    foundChunk(`net_total ${index} ${'of a sales order '.repeat(90)}`),
  )
  const shown = selectExcerpts('Documents', many, subjects, { ...limits, characters: 4_000 })
  expect(shown.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(4_000)
})
