import { describe, expect, test } from 'vitest'
import { type RerunOptions, rerunManifest, variationsManifest } from './descendant-manifest.ts'

const place = { namespace: 'team-a', now: new Date('2026-11-21T08:07:55Z') }
const rerun = (assets: string[], options: RerunOptions = {}) => rerunManifest('nightly', assets, options, place)

describe('a rerun', () => {
  test('of named assets says no more than that', () => {
    expect(rerun(['sales.customer.email', 'sales."Old"'])).toMatchObject({
      metadata: { name: 'nightly-rerun-20261121-080755-000', namespace: 'team-a' },
      spec: { type: 'Rerun', source: { runRef: { name: 'nightly' }, assets: ['sales.customer.email', 'sales."Old"'] } },
    })
  })

  test('of the whole run names nothing', () => {
    expect(rerun([], { all: true }).spec).toEqual({ type: 'Rerun', source: { runRef: { name: 'nightly' } } })
  })

  test('takes a filter field by field, its values in any case', () => {
    const filter = [
      'maximumConfidence=low',
      'states=Unreviewed,skipped',
      'kinds=column',
      'tables=sales.customer,"sales".sale',
    ]
    expect(rerun([], { filter }).spec.source?.filter).toEqual({
      maximumConfidence: 'Low',
      states: ['Unreviewed', 'Skipped'],
      kinds: ['Column'],
      tables: ['sales.customer', 'sales.sale'],
    })
  })

  test('has what differs from its source', () => {
    const options = { llm: 'other', instructions: 'Shorter.', set: ['generation.temperature=0.6'], target: 'prod-pg' }
    expect(rerun(['a.b'], options).spec).toMatchObject({
      source: { target: 'prod-pg' },
      llmProfileRef: { name: 'other' },
      generation: { temperature: '0.6', instructions: 'Shorter.' },
    })
  })

  test.each<[string, string[], RerunOptions, string]>([
    ['nothing named', [], {}, 'name assets, or give --filter, or --all'],
    ['two ways at once', ['a.b'], { all: true }, 'name assets, or give --filter, or --all'],
    ['an unknown field', [], { filter: ['colour=red'] }, 'there is no such field'],
    ['an unknown value', [], { filter: ['states=Lost'] }, 'none of Unreviewed, Accepted'],
  ])('with %s is refused', (_, assets, options, problem) => {
    expect(() => rerun(assets, options)).toThrowError(problem)
  })
})

test('variations name one alternative', () => {
  expect(variationsManifest('nightly', 'sales.customer.email', '2', {}, place).spec).toEqual({
    type: 'Variations',
    source: { runRef: { name: 'nightly' }, alternative: { asset: 'sales.customer.email', index: 2 } },
  })
  expect(() => variationsManifest('nightly', 'a.b', '0', {}, place)).toThrowError('number of the alternative')
})

test('the name of a descendant of a descendant still fits', () => {
  const name = rerunManifest('x'.repeat(253), ['a.b'], {}, place).metadata.name
  expect(name?.length).toBeLessThanOrEqual(63)
})
