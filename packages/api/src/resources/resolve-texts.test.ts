import { describe, expect, test } from 'vitest'
import type { MetadataRunSpec } from './metadata-run.ts'
import { resolveSettings } from './resolve-settings.ts'
import { databaseProfile } from './resource-fixtures.ts'

type Texts = NonNullable<NonNullable<MetadataRunSpec['source']>['texts']>

const [first, second] = [databaseProfile({}, 'first'), databaseProfile({}, 'second')]

function resolved(texts: Texts, profiles = [first]) {
  const targets = profiles.map(({ metadata }) => ({ databaseProfileRef: { name: metadata.name } }))
  return resolveSettings({
    run: { spec: { type: 'Generate', targets, source: { texts } } },
    databaseProfiles: profiles,
    llmProfile: null,
    operatorVersion: '0.1.0',
  })
}

describe('texts written by people', () => {
  test('are frozen in canonical paths, and name the scope of their target', () => {
    const settings = resolved([
      { asset: '"sales"."customer"', text: 'Who buys.' },
      { asset: 'sales', text: 'All about selling.' },
    ])
    expect(settings.texts).toEqual([
      { target: 0, path: 'sales.customer', text: 'Who buys.' },
      { target: 0, path: 'sales', text: 'All about selling.' },
    ])
    expect(settings.targets[0]?.scope.include).toEqual(['sales.customer', 'sales'])
    expect(settings.model).toBeNull()
  })

  test('say which of several targets they belong to', () => {
    const settings = resolved(
      [
        { asset: 'a.b', target: 'second', text: 'Two.' },
        { asset: 'a.b', target: 'first', text: 'One.' },
      ],
      [first, second],
    )
    expect(settings.texts?.map(({ target, text }) => [target, text])).toEqual([
      [1, 'Two.'],
      [0, 'One.'],
    ])
  })

  test.each<[string, Texts, string]>([
    [
      'an asset twice',
      [
        { asset: 'a.b', text: 'x' },
        { asset: '"a"."b"', text: 'y' },
      ],
      'texts[1].asset: a.b has a text',
    ],
    ['an empty text', [{ asset: 'a.b', text: ' \n' }], 'texts[0].text: it is empty'],
    ['too much', [{ asset: 'a.b', text: 'ü'.repeat(8193) }], 'texts[0].text: it is longer than 16 KiB'],
    ['what is no path', [{ asset: 'a..b', text: 'x' }], 'texts[0].asset: "a..b" is not an asset path'],
    ['a target the run has not', [{ asset: 'a.b', target: 'third', text: 'x' }], '"third" is no target of the run'],
  ])('are refused with %s', (_, texts, problem) => {
    expect(() => resolved(texts)).toThrow(problem)
  })

  test('are refused where their target is not said, or a target has none', () => {
    expect(() => resolved([{ asset: 'a.b', text: 'x' }], [first, second])).toThrow('texts[0].target: needed')
    const one: Texts = [{ asset: 'a.b', target: 'first', text: 'x' }]
    expect(() => resolved(one, [first, second])).toThrow('spec.targets[1]: no text')
  })
})
