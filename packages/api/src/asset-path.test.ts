import { describe, expect, test } from 'vitest'
import { canonicalAssetPath, formatAssetPath, isWithin, parseAssetPath } from './asset-path.ts'
import { AmxError } from './errors/amx-error.ts'

describe('an asset path', () => {
  test.each([
    ['*', []],
    ['sales', ['sales']],
    ['sales.customer', ['sales', 'customer']],
    ['events.click.url.host', ['events', 'click', 'url', 'host']],
    ['"Sales.v2"."Order ID"', ['Sales.v2', 'Order ID']],
    ['"a""b".c', ['a"b', 'c']],
    ['"*"', ['*']],
    ['straße.größe', ['straße', 'größe']],
    ['select."table$1"', ['select', 'table$1']],
  ])('%s is read', (text, parts) => {
    expect(parseAssetPath(text)).toEqual(parts)
  })

  test.each([
    ['', 1],
    ['.', 1],
    ['sales.', 7],
    ['sales..x', 7],
    ['Sales', 1],
    ['sales.Order', 7],
    ['sales.order id', 7],
    ['"open', 1],
    ['""', 1],
    ['"a"b', 4],
    ['sales.*', 7],
  ])('%j is refused at character %i', (text, position) => {
    const error = thrownBy(() => parseAssetPath(text))
    expect(error.code).toBe('AMX-1011')
    expect(error.facts['position']).toBe(String(position))
    expect(error.message).toContain(`(character ${position})`)
  })

  test('an unquoted part that needs quotes is answered with the quoted form', () => {
    expect(thrownBy(() => parseAssetPath('sales.Order')).message).toContain('"Order"')
  })

  test('whatever the names are, writing and reading gives them back, and the written form is canonical', () => {
    const random = sequence(20_261_121)
    for (let round = 0; round < 3000; round += 1) {
      const path = Array.from({ length: 1 + (random() % 5) }, () => randomName(random))
      const text = formatAssetPath(path)
      expect(parseAssetPath(text)).toEqual(path)
      expect(canonicalAssetPath(text)).toBe(text)
    }
  })

  test('different paths are written differently', () => {
    const random = sequence(7)
    const seen = new Map<string, string>()
    for (let round = 0; round < 3000; round += 1) {
      const path = Array.from({ length: 1 + (random() % 3) }, () => randomName(random))
      const key = JSON.stringify(path)
      const text = formatAssetPath(path)
      expect(seen.get(text) ?? key).toBe(key)
      seen.set(text, key)
    }
  })

  test('a path lies within itself and its ancestors only', () => {
    expect(isWithin(['a', 'b'], [])).toBe(true)
    expect(isWithin(['a', 'b'], ['a', 'b'])).toBe(true)
    expect(isWithin(['a', 'b'], ['a', 'b', 'c'])).toBe(false)
    expect(isWithin(['a', 'bc'], ['a', 'b'])).toBe(false)
  })
})

const alphabet = [
  'a',
  'z',
  'A',
  'Ü',
  'ß',
  '.',
  '"',
  '*',
  ' ',
  '\t',
  '\n',
  '_',
  '-',
  '$',
  '0',
  '漢',
  '🌱',
  "'",
  '\\',
  '\u0000',
]

function randomName(random: () => number): string {
  return Array.from({ length: 1 + (random() % 6) }, () => alphabet[random() % alphabet.length]).join('')
}

/** A linear congruential sequence (Numerical Recipes), so that a failure can be seen again. */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 8
  }
}

function thrownBy(action: () => unknown): AmxError {
  try {
    action()
  } catch (error) {
    if (error instanceof AmxError) return error
  }
  throw new Error('nothing of the catalogue was thrown')
}
