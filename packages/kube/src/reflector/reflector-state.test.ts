import { describe, expect, test } from 'vitest'
import { type ConfigMap, configMap } from '../testing/config-map.ts'
import { type ReflectorInput, type ReflectorState, type ReflectorStep, stepReflector } from './reflector-state.ts'

type State = ReflectorState<ConfigMap>
type Input = ReflectorInput<ConfigMap>

function at(resourceVersion: string): ConfigMap {
  const object = configMap('a')
  return { ...object, metadata: { ...object.metadata, resourceVersion } }
}

const watching: State = { phase: 'Watching', resourceVersion: '100', failures: 0 }
const failing: State = { phase: 'Watching', resourceVersion: '100', failures: 3 }
const listing: State = { phase: 'Listing', pages: [], failures: 0 }
const lastPage: Input = { type: 'Page', items: [at('99')], continueToken: undefined, resourceVersion: '100' }
const listFirst = { type: 'List', continueToken: undefined } as const

function failed(kind: 'gone' | 'other', retryAfterMs?: number): Input {
  return { type: 'Failed', failure: { kind, retryAfterMs } }
}

interface Row {
  readonly when: string
  readonly state: State
  readonly input: Input
  readonly to: State
  readonly effects: ReflectorStep<ConfigMap>['effects']
}

const table: readonly Row[] = [
  {
    when: 'a start lists from the beginning',
    state: { phase: 'Empty' },
    input: { type: 'Start' },
    to: listing,
    effects: [listFirst],
  },
  {
    when: 'a page with a continue token asks for the next and shows nothing yet',
    state: listing,
    input: { type: 'Page', items: [at('1')], continueToken: 'next', resourceVersion: '100' },
    to: { phase: 'Listing', pages: [[at('1')]], failures: 0 },
    effects: [{ type: 'List', continueToken: 'next' }],
  },
  {
    when: 'the last page replaces the cache and the watch starts where the list ended',
    state: { phase: 'Listing', pages: [[at('1')]], failures: 0 },
    input: lastPage,
    to: watching,
    effects: [
      { type: 'Replace', objects: [at('1'), at('99')], resourceVersion: '100' },
      { type: 'Watch', resourceVersion: '100' },
    ],
  },
  {
    when: 'an expired continue token drops the pages and starts over after a pause',
    state: { phase: 'Listing', pages: [[at('1')]], failures: 0 },
    input: failed('gone'),
    to: { phase: 'Waiting', resumeAt: undefined, failures: 1 },
    effects: [{ type: 'Wait', delayMs: 800 }],
  },
  {
    when: 'a failed list waits longer each time',
    state: { phase: 'Listing', pages: [], failures: 3 },
    input: failed('other'),
    to: { phase: 'Waiting', resumeAt: undefined, failures: 4 },
    effects: [{ type: 'Wait', delayMs: 6_400 }],
  },
  {
    when: 'a wait is never longer than 30 s by itself',
    state: { phase: 'Listing', pages: [], failures: 50 },
    input: failed('other'),
    to: { phase: 'Waiting', resumeAt: undefined, failures: 51 },
    effects: [{ type: 'Wait', delayMs: 30_000 }],
  },
  {
    when: 'a wait the server asked for is kept',
    state: listing,
    input: failed('other', 45_000),
    to: { phase: 'Waiting', resumeAt: undefined, failures: 1 },
    effects: [{ type: 'Wait', delayMs: 45_000 }],
  },
  {
    when: 'a change is applied, moves the position and ends the failures',
    state: failing,
    input: { type: 'Changed', object: at('101') },
    to: { phase: 'Watching', resourceVersion: '101', failures: 0 },
    effects: [{ type: 'Apply', object: at('101') }],
  },
  {
    when: 'a repeated event changes nothing',
    state: watching,
    input: { type: 'Changed', object: at('100') },
    to: watching,
    effects: [],
  },
  {
    when: 'a late event changes nothing, although "99" sorts behind "100" as text',
    state: watching,
    input: { type: 'Changed', object: at('99') },
    to: watching,
    effects: [],
  },
  {
    when: 'a late deletion changes nothing',
    state: watching,
    input: { type: 'Removed', object: at('42') },
    to: watching,
    effects: [],
  },
  {
    when: 'a deletion is taken over',
    state: watching,
    input: { type: 'Removed', object: at('101') },
    to: { phase: 'Watching', resourceVersion: '101', failures: 0 },
    effects: [{ type: 'Remove', object: at('101') }],
  },
  {
    when: 'a bookmark moves the position',
    state: failing,
    input: { type: 'Bookmark', resourceVersion: '150' },
    to: { phase: 'Watching', resourceVersion: '150', failures: 0 },
    effects: [{ type: 'Advance', resourceVersion: '150' }],
  },
  {
    when: 'a bookmark behind the position (a restored backup) lists again',
    state: watching,
    input: { type: 'Bookmark', resourceVersion: '50' },
    to: listing,
    effects: [{ type: 'EndWatch' }, listFirst],
  },
  {
    when: 'a watch that ended in time goes on at once from the last version',
    state: failing,
    input: { type: 'Closed', lastedMs: 250_000 },
    to: watching,
    effects: [{ type: 'Watch', resourceVersion: '100' }],
  },
  {
    when: 'a watch that ended at once pauses, and resumes without a list',
    state: watching,
    input: { type: 'Closed', lastedMs: 3 },
    to: { phase: 'Waiting', resumeAt: '100', failures: 1 },
    effects: [{ type: 'Wait', delayMs: 800 }],
  },
  {
    when: 'a broken watch resumes without a list',
    state: watching,
    input: failed('other'),
    to: { phase: 'Waiting', resumeAt: '100', failures: 1 },
    effects: [{ type: 'Wait', delayMs: 800 }],
  },
  {
    when: 'a version that is gone lists again at once',
    state: watching,
    input: failed('gone'),
    to: { phase: 'Listing', pages: [], failures: 1 },
    effects: [listFirst],
  },
  {
    when: 'a version that is gone again and again slows down',
    state: { phase: 'Watching', resourceVersion: '100', failures: 1 },
    input: failed('gone'),
    to: { phase: 'Waiting', resumeAt: undefined, failures: 2 },
    effects: [{ type: 'Wait', delayMs: 1_600 }],
  },
  {
    when: 'after a wait the watch resumes',
    state: { phase: 'Waiting', resumeAt: '100', failures: 3 },
    input: { type: 'Waited' },
    to: failing,
    effects: [{ type: 'Watch', resourceVersion: '100' }],
  },
  {
    when: 'after a wait without a version the list starts over',
    state: { phase: 'Waiting', resumeAt: undefined, failures: 3 },
    input: { type: 'Waited' },
    to: { phase: 'Listing', pages: [], failures: 3 },
    effects: [listFirst],
  },
  {
    when: 'an event that comes while listing changes nothing',
    state: listing,
    input: { type: 'Changed', object: at('7') },
    to: listing,
    effects: [],
  },
  {
    when: 'a stop ends any state',
    state: watching,
    input: { type: 'Stop' },
    to: { phase: 'Stopped' },
    effects: [{ type: 'EndWatch' }],
  },
  {
    when: 'nothing follows a stop',
    state: { phase: 'Stopped' },
    input: { type: 'Start' },
    to: { phase: 'Stopped' },
    effects: [],
  },
]

test.each(table)('$when', ({ state, input, to, effects }) => {
  expect(stepReflector(state, input, () => 0)).toEqual({ state: to, effects })
})

describe('list, 410, list, 410, …', () => {
  test('slows down to one list every 30 s', () => {
    let state: State = watching
    const delays: number[] = []
    for (let round = 0; round < 12; round++) {
      let next: ReflectorStep<ConfigMap> = stepReflector(state, failed('gone'), () => 0)
      const [effect] = next.effects
      if (effect?.type === 'Wait') {
        delays.push(effect.delayMs)
        next = stepReflector(next.state, { type: 'Waited' })
      }
      state = stepReflector(next.state, lastPage).state
    }
    expect(delays.at(-1)).toBe(30_000)
    expect(delays).toHaveLength(11)
  })
})
