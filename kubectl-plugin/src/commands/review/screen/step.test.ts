import { describe, expect, test } from 'vitest'
import { resultRow } from '../../../results/result-row-fixture.ts'
import { keptVerdicts } from '../kept-verdicts.ts'
import { countVerdicts, type Verdict } from '../verdict.ts'
import { keyOf } from './key.ts'
import { type Beginning, beginReview, type Effect, type ReviewEvent, type ReviewState, rowAt } from './state.ts'
import { step } from './step.ts'

const placeholder = { text: 'placeholder', score: null, fallback: true }
const rows = [
  resultRow('s.t', { kind: 'Table' }),
  resultRow('s.t.a', { band: 'Low', score: 0.2 }),
  resultRow('s.t.b', { alternatives: [placeholder], band: null, score: null }),
  resultRow('s.u.c'),
  resultRow('s.u.d', { lock: { rowId: '9', version: 2, run: 'older' } }),
]

interface Played {
  readonly state: ReviewState
  readonly effects: readonly Effect[]
}

function play(events: readonly ReviewEvent[], beginning: Partial<Beginning> = {}): Played {
  const state = beginReview({ run: 'r', size: { columns: 80, rows: 24 }, strategy: 'one-by-one', ...beginning })
  return events.reduce<Played>(
    (played, event) => {
      const next = step(played.state, event)
      return { state: next.state, effects: [...played.effects, ...next.effects] }
    },
    { state, effects: [] },
  )
}

const named = /^(up|down|left|right|home|end|enter|escape|tab|backspace|alt-enter|ctrl-.|page.*)$/
const key = (name: string): ReviewEvent => ({ kind: 'key', key: { name, text: named.test(name) ? '' : name } })
const arrived: ReviewEvent = { kind: 'rows', rows, total: rows.length }
const press = (keys: readonly string[], beginning: Partial<Beginning> = {}) =>
  play([arrived, { kind: 'complete' }, ...keys.map(key)], beginning)

/** Verdicts in short: `s.t=1 s.t.a=skip`. */
function inShort({ verdicts }: ReviewState): string {
  const short = (verdict: Verdict) =>
    'alternative' in verdict
      ? verdict.alternative
      : 'text' in verdict
        ? `"${verdict.text}"`
        : verdict.verdict.toLowerCase()
  return [...verdicts].map(([id, verdict]) => `${id}=${short(verdict)}`).join(' ')
}

describe('keys decide', () => {
  test.each([
    ['a number accepts and goes on', ['2'], 's.t=2', 's.t.a'],
    ['a number that is none says so', ['3'], '', 's.t'],
    ['a placeholder is never accepted', ['n', 'n', '1'], '', 's.t.b'],
    ['a locked row is never accepted', ['end', '1'], '', 's.u.d'],
    ['skip and reject', ['s', 'r'], 's.t=skip s.t.a=reject', 's.t.b'],
    ['a decided row is passed over', ['down', '1', 'up', 'up', '1'], 's.t.a=1 s.t=1', 's.t.b'],
    ['the second verdict counts', ['1', 'b', '2'], 's.t=2', 's.t.a'],
    ['own words', ['o', 'x', 'y', 'enter'], 's.t="xy"', 's.t.a'],
    ['own words on two lines', ['o', 'x', 'alt-enter', 'y', 'enter'], 's.t="x\ny"', 's.t.a'],
    ['no words are no verdict', ['o', 'enter'], '', 's.t'],
    ['an edited alternative', ['e', '!', 'enter'], 's.t="What s.t is.!"', 's.t.a'],
    ['an alternative left as it is', ['e', 'enter'], 's.t=1', 's.t.a'],
    ['Esc leaves the text', ['o', 'x', 'escape'], '', 's.t'],
    ['x takes a verdict back', ['1', 'b', 'x'], '', 's.t'],
    ['all that can be accepted', ['s', 'a'], 's.t=skip s.t.a=1 s.u.c=1', 's.t.b'],
    ['all of high confidence', ['h'], 's.t=1 s.u.c=1', 's.t.a'],
    ['all that the filter shows', ['/', 'u', '.', 'c', 'enter', 'a'], 's.u.c=1', 's.u.c'],
    ['a whole group by its head', ['up', '1'], 's.t=1 s.t.a=1', 's.t.b'],
  ])('%s', (_, keys, verdicts, at) => {
    const { state } = press(keys)
    expect(inShort(state)).toBe(verdicts)
    expect(rowAt(state)?.path).toBe(at)
  })
})

describe('undo', () => {
  test.each([
    ['takes back step by step', ['1', 's', 'u'], 's.t=1'],
    ['gives back the verdict before', ['1', 'b', '2', 'u'], 's.t=1'],
    ['takes back all that one key decided', ['s', 'a', 'u'], 's.t=skip'],
    ['and do again', ['1', 's', 'u', 'u', 'ctrl-r', 'ctrl-r'], 's.t=1 s.t.a=skip'],
    ['is over with something new', ['1', 'u', 's', 'ctrl-r'], 's.t=skip'],
    ['of nothing changes nothing', ['u', 'ctrl-r'], ''],
  ])('%s', (_, keys, verdicts) => {
    expect(inShort(press(keys).state)).toBe(verdicts)
  })

  test('counts what it gives back', () => {
    const { state } = press(['1', 'o', 'x', 'enter', 's', 'home', 'down', 'r', 'u', 'u', 'ctrl-r', 'home', 'down', 'x'])
    expect(inShort(state)).toBe('s.t.a="x" s.t.b=skip')
    expect(state.counts).toEqual(countVerdicts(state.verdicts.values()))
    expect(state.counts).toMatchObject({ accepted: 1, edited: 1, skipped: 1, rejected: 0 })
  })
})

describe('leaving', () => {
  test.each([
    ['q with nothing decided', ['q'], 'discard'],
    ['q and Enter', ['1', 'q', 'enter'], 'record'],
    ['Ctrl-C with nothing decided', ['ctrl-c'], 'discard'],
    ['Ctrl-C and Enter, which records nothing', ['1', 'ctrl-c', 'enter'], 'keep'],
    ['Ctrl-C twice', ['1', 'ctrl-c', 'ctrl-c'], 'keep'],
    ['Ctrl-C and r', ['1', 'ctrl-c', 'r'], 'record'],
    ['Ctrl-C in a text', ['1', 'o', 'x', 'ctrl-c', 't'], 'discard'],
    ['q, back and q', ['1', 'q', 'b', 'q', 'k'], 'keep'],
    ['q and another key', ['1', 'q', 'z'], null],
  ])('%s', (_, keys, how) => {
    expect(press(keys).effects.find(({ kind }) => kind === 'end') ?? null).toEqual(how && { kind: 'end', how })
  })
})

describe('a strategy', () => {
  test.each([
    ['is asked, and one by one is what Enter means', ['enter', '1'], 's.t=1'],
    ['accepts all high', ['2'], 's.t=1 s.u.c=1'],
    ['accepts all', ['3'], 's.t=1 s.t.a=1 s.u.c=1'],
    ['rejects all', ['4'], 's.t=reject s.t.a=reject s.u.c=reject'],
  ])('%s', (_, keys, verdicts) => {
    const { strategy: _none, ...beginning } = { strategy: undefined }
    const state = beginReview({ run: 'r', size: { columns: 80, rows: 24 }, ...beginning })
    const all = [arrived, { kind: 'complete' } as const, ...keys.map(key)]
    expect(inShort(all.reduce((current, event) => step(current, event).state, state))).toBe(verdicts)
  })

  test('waits for rows that are still read', () => {
    const strategy = { strategy: 'accept-all' } as const
    expect(inShort(play([arrived], strategy).state)).toBe('')
    expect(inShort(play([arrived, { kind: 'complete' }], strategy).state)).toBe('s.t=1 s.t.a=1 s.u.c=1')
  })
})

describe('verdicts that were kept', () => {
  const seen = new Map(rows.map((row) => [row.id, row]))
  const kept = keptVerdicts(
    new Map<string, Verdict>([
      ['s.t', { verdict: 'Skip' }],
      ['s.t.a', { verdict: 'Accept', text: 'Own.', edits: null }],
    ]),
    seen,
  )

  test('are taken up where the row is as it was; the others are marked', () => {
    const other = { ...resultRow('s.t.a', { band: 'Low', score: 0.2 }), revision: 4 }
    const now: ReviewEvent = { kind: 'rows', rows: rows.map((row) => (row.id === other.id ? other : row)), total: 5 }
    const { state } = play([now, key('y')], { kept })
    expect(inShort(state)).toBe('s.t=skip')
    expect([...state.changed]).toEqual(['s.t.a'])
    expect(rowAt(state)?.path).toBe('s.t.a')
  })

  test('are taken up as their rows come', () => {
    const late = { kind: 'rows', rows: rows.slice(1), total: 5 } as const
    const { state } = play([{ kind: 'rows', rows: rows.slice(0, 1), total: 5 }, key('y'), late], { kept })
    expect(inShort(state)).toBe('s.t=skip s.t.a="Own."')
    expect(state.kept).toEqual([])
  })

  test('can be left where they are', () => {
    const { state } = press(['l'], { kept })
    expect(inShort(state)).toBe('')
    expect(state.keptAre).toBe('left')
  })
})

describe('the list', () => {
  test('keeps the row of the cursor through orders, groups and rows that come', () => {
    const { state } = press(['end', 'up', 'S', 'S', 'g', 'g'])
    expect(rowAt(state)?.path).toBe('s.u.c')
    const more = step(state, { kind: 'rows', rows: [resultRow('a.a.a')], total: 6 }).state
    expect(rowAt(more)?.path).toBe('s.u.c')
  })

  test('has every row once when all are read, and nine of ten before', () => {
    const many = Array.from({ length: 300 }, (_, index) => resultRow(`s.t.c${index}`))
    const pages = Array.from({ length: 50 }, (_, page) => many.slice(page * 6, page * 6 + 7))
    const reading = play(pages.map((page): ReviewEvent => ({ kind: 'rows', rows: page, total: 300 }))).state
    expect(reading.view.rows.length).toBeGreaterThan(270)
    const { state } = step(reading, { kind: 'complete' })
    expect(new Set(state.view.rows)).toEqual(new Set(many))
    expect(state.view.rows).toHaveLength(300)
  })

  test('scrolls with the cursor, also on the smallest screen', () => {
    const many = Array.from({ length: 200 }, (_, index) => resultRow(`s.t.c${String(index).padStart(3, '0')}`))
    const size = { columns: 40, rows: 6 }
    const end = play([{ kind: 'rows', rows: many, total: 200 }, { kind: 'resize', size }, key('end')]).state
    expect(end.cursor - end.top).toBe(4)
    expect(step(end, key('home')).state.top).toBe(0)
  })

  test('Esc undoes a filter that is being written, then one that is there', () => {
    const filtered = press(['/', 'u', '.', 'enter'])
    expect(filtered.state.view.rows).toHaveLength(2)
    expect(press(['/', 'u', '.', 'enter', '/', 'c', 'escape']).state.filterText).toBe('u.')
    expect(press(['/', 'u', '.', 'enter', 'escape']).state.view.rows).toHaveLength(5)
  })
})

test.each([
  ['a letter', ['a', { name: 'a', sequence: 'a' }], { name: 'a', text: 'a' }],
  ['an emoji', ['😀', { sequence: '😀' }], { name: '😀', text: '😀' }],
  ['Enter', ['\r', { name: 'return', sequence: '\r' }], { name: 'enter', text: '' }],
  ['Alt-Enter', [undefined, { name: 'return', meta: true }], { name: 'alt-enter', text: '' }],
  ['Ctrl-J', ['\n', { name: 'enter', sequence: '\n' }], { name: 'alt-enter', text: '' }],
  ['Ctrl-C', ['\u0003', { name: 'c', ctrl: true, sequence: '\u0003' }], { name: 'ctrl-c', text: '' }],
  ['Ctrl-Left', [undefined, { name: 'left', ctrl: true }], { name: 'ctrl-left', text: '' }],
  ['an unknown sequence', [undefined, { sequence: '\u001b[99~' }], null],
] as const)('%s is a key', (_, [character, press], expected) => {
  expect(keyOf(character, press)).toEqual(expected)
})
