import { describe, expect, test } from 'vitest'
import { resultRow } from '../../../results/result-row-fixture.ts'
import { answer, beginSitting, items, ownText, type Sitting } from './sitting.ts'

const placeholder = { text: 'placeholder', score: null, fallback: true }
const rows = [
  resultRow('a'),
  resultRow('b', { band: 'Low', score: 0.2 }),
  resultRow('c', { alternatives: [placeholder], band: null, score: null }),
  resultRow('d'),
]

function press(...keys: string[]): Sitting {
  return keys.reduce((sitting, key) => {
    const meant = answer(sitting, key)
    if (meant.kind !== 'moved') throw new Error(`${key} gave ${meant.kind}`)
    return meant.sitting
  }, beginSitting(rows))
}

const verdictsOf = (sitting: Sitting) =>
  items(sitting).map(({ asset, verdict, alternative }) => [asset, verdict, alternative])

describe('a key', () => {
  test('that is a number accepts that alternative and moves on', () => {
    const sitting = press('2')
    expect(items(sitting)).toEqual([{ asset: 'a', verdict: 'Accept', alternative: 2 }])
    expect(sitting.at).toBe(1)
  })

  test('s skips, r rejects, n and Enter leave undecided', () => {
    expect(verdictsOf(press('s', 'r', 'n', ''))).toEqual([
      ['a', 'Skip', undefined],
      ['b', 'Reject', undefined],
    ])
  })

  test('a accepts what remains, but never a placeholder and never again what was decided', () => {
    const sitting = press('s', 'a')
    expect(verdictsOf(sitting)).toEqual([
      ['a', 'Skip', undefined],
      ['b', 'Accept', 1],
      ['d', 'Accept', 1],
    ])
    expect(sitting.at).toBe(2)
  })

  test('h accepts only what is of high confidence, and shows the first row that is left', () => {
    const sitting = press('h')
    expect(verdictsOf(sitting)).toEqual([
      ['a', 'Accept', 1],
      ['d', 'Accept', 1],
    ])
    expect(sitting.at).toBe(1)
  })

  test('b goes back, and a second verdict replaces the first', () => {
    expect(verdictsOf(press('1', 'b', '2'))).toEqual([['a', 'Accept', 2]])
  })

  test.each([
    ['takes back the last verdict', ['1', 's', 'u'], [['a', 'Accept', 1]], 1],
    ['takes back all that one key accepted', ['s', 'a', 'u'], [['a', 'Skip', undefined]], 1],
    ['gives back the verdict before', ['1', 'b', '2', 'u'], [['a', 'Accept', 1]], 0],
    ['passes over what was left undecided', ['1', 'n', 'n', 'u'], [], 0],
    ['goes back as often as there are verdicts', ['1', 's', 'u', 'u'], [], 0],
  ])('u %s and shows its row', (_, keys, verdicts, at) => {
    const sitting = press(...keys)
    expect(verdictsOf(sitting)).toEqual(verdicts)
    expect(sitting.at).toBe(at)
  })

  test('U does again what was undone, until something else is decided', () => {
    expect(verdictsOf(press('1', 's', 'u', 'u', 'U', 'U'))).toEqual([
      ['a', 'Accept', 1],
      ['b', 'Skip', undefined],
    ])
    expect(answer(press('1', 'u', 's'), 'U').kind).toBe('unknown')
  })

  test.each([
    ['3', 'there is 1, 2'],
    ['0', 'there is 1, 2'],
    ['x', '? lists the keys'],
    ['b', 'first row'],
    ['u', 'nothing to undo'],
    ['U', 'nothing to do again'],
  ])('%s that means nothing says what does', (key, problem) => {
    const meant = answer(beginSitting(rows), key)
    expect(meant.kind).toBe('unknown')
    expect(meant.kind === 'unknown' && meant.problem).toContain(problem)
  })

  test('that is the number of a placeholder is refused', () => {
    expect(answer(press('n', 'n'), '1')).toEqual({ kind: 'unknown', problem: 'there is nothing to accept here' })
  })
})

test('own words are accepted, blank ones change nothing', () => {
  const sitting = ownText(beginSitting(rows), '  The key. ')
  expect(items(sitting)).toEqual([{ asset: 'a', verdict: 'Accept', text: 'The key.' }])
  expect(ownText(beginSitting(rows), '  ')).toEqual(beginSitting(rows))
})

test('after the last row the sitting is over', () => {
  expect(answer(press('1', '1', 'n', '1'), '1')).toEqual({ kind: 'finish' })
})
