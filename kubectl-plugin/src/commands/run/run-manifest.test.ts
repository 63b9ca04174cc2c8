import { describe, expect, test } from 'vitest'
import { type RunOptions, runManifest, runName } from './run-manifest.ts'
import { setGeneration } from './set-generation.ts'

const place = { namespace: 'team-a', now: new Date('2026-11-21T08:07:55Z') }

function specOf(options: Partial<RunOptions>, scope: string[] = []) {
  return runManifest(scope, { database: ['prod-pg'], llm: 'openai', ...options }, place).spec
}

describe('the manifest of a command line', () => {
  test('says no more than what was asked for', () => {
    expect(specOf({})).toEqual({
      type: 'Analyze',
      targets: [{ databaseProfileRef: { name: 'prod-pg' } }],
      llmProfileRef: { name: 'openai' },
    })
  })

  test('takes several databases, each with the scope', () => {
    expect(
      specOf({ database: ['pg', 'other/shop'], filter: '^stg_', limit: '5', exclude: ['sales.tmp'] }, ['sales'])
        .targets,
    ).toEqual(
      [{ databaseProfileRef: { name: 'pg' } }, { databaseProfileRef: { name: 'other' }, database: 'shop' }].map(
        (target) => ({
          ...target,
          scope: { include: ['sales'], exclude: ['sales.tmp'], tablePattern: '^stg_', tableLimit: 5 },
        }),
      ),
    )
  })

  test('reviews by itself as told', () => {
    expect(specOf({ review: 'auto' }).review).toEqual({ strategy: 'Auto', accept: 'High' })
    expect(specOf({ review: 'auto', accept: 'all' }).review).toEqual({ strategy: 'Auto', accept: 'All' })
  })

  test('writes as told', () => {
    expect(specOf({ apply: true, replace: true }).apply).toEqual({ policy: 'OnAccept', existing: 'Replace' })
    expect(specOf({ writeNothing: true }).apply).toEqual({ dryRun: true })
  })

  test('lets --instructions stand beside --set', () => {
    expect(specOf({ instructions: 'In French.', set: ['generation.alternatives=2'] }).generation).toEqual({
      alternatives: 2,
      instructions: 'In French.',
    })
  })
})

test('a name says where it comes from and when, and fits', () => {
  expect(runName('prod-pg/shop', place.now)).toBe('prod-pg-20261121-080755-000')
  expect(runName(`${'x'.repeat(39)}.y`, place.now)).toBe(`${'x'.repeat(39)}-20261121-080755-000`)
  expect(runName('x'.repeat(253), place.now).length).toBeLessThanOrEqual(63)
})

describe('--set', () => {
  test('reads each value as its field is', () => {
    expect(
      setGeneration([
        'generation.alternatives=5',
        'generation.deduplicate=true',
        'generation.temperature=0.7',
        'generation.bands.high=0.9',
        'generation.bands.medium=0.4',
        'generation.confidenceSignal=evidence',
        'generation.instructions=a=b',
      ]),
    ).toEqual({
      alternatives: 5,
      deduplicate: true,
      temperature: '0.7',
      bands: { high: '0.9', medium: '0.4' },
      confidenceSignal: 'Evidence',
      instructions: 'a=b',
    })
  })

  test.each([
    ['generation.alternatives=many', 'no whole number'],
    ['generation.deduplicate=yes', 'true or false'],
    ['generation.verbosity=Chatty', 'none of Brief, Detailed'],
    ['generation.colour=red', 'there is no "colour"; there are alternatives'],
    ['generation.bands=0.9', 'name one of its fields: high, medium'],
    ['generation.alternatives.x=1', 'has no fields below it'],
    ['review.strategy=Auto', 'only fields of generation'],
    ['generation.alternatives', 'write --set'],
  ])('%s is refused', (assignment, problem) => {
    expect(() => setGeneration([assignment])).toThrowError(problem)
  })
})

test.each<[Partial<RunOptions>, string]>([
  [{ filter: '(' }, '--filter (: error parsing regexp'],
  [{ budget: 'five' }, '--budget five: write dollars'],
])('%j, which the API server would take or blame on a field, is refused', (options, problem) => {
  expect(() => specOf(options)).toThrowError(problem)
})
