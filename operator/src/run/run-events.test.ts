import type { MetadataRunStatus } from '@amx/api'
import { expect, it } from 'vitest'
import { type RunDecision, rest } from './decision.ts'
import { runEvents } from './run-events.ts'
import { fixtureCondition } from './run-fixture.ts'

const was = (phase: NonNullable<MetadataRunStatus['phase']>, reason: string): MetadataRunStatus => ({
  phase,
  conditions: [fixtureCondition({ type: 'Succeeded', status: 'Unknown', reason })],
})
const warning = { reason: 'SecretMissing', message: 'Secret "x" is missing.' }
const lastError = { code: 'AMX-1003', message: 'LLMProfile "m" does not exist', remedy: 'Create it.' } as const

it.each<[string, MetadataRunStatus | undefined, RunDecision, string[]]>([
  ['a run is accepted', undefined, rest('Pending', 'Accepted', 'Accepted.'), []],
  [
    'it waits for a profile',
    was('Pending', 'Accepted'),
    rest('Pending', 'ProfileNotFound', 'No.', { lastError }),
    ['Warning ProfileNotFound'],
  ],
  ['it still waits', was('Pending', 'ProfileNotFound'), rest('Pending', 'ProfileNotFound', 'No.', { lastError }), []],
  ['it begins', was('Pending', 'Accepted'), rest('Running', 'Running', 'Begun.'), ['Normal Running']],
  ['it gets on', was('Running', 'Profiling'), rest('Running', 'Drafting', 'On.'), []],
  [
    'a pod is stuck',
    was('Running', 'Drafting'),
    rest('Running', 'SecretMissing', 'x', { warning }),
    ['Warning SecretMissing'],
  ],
  ['it is stuck still', was('Running', 'SecretMissing'), rest('Running', 'SecretMissing', 'x', { warning }), []],
  [
    'a person is to decide',
    was('Running', 'Drafting'),
    rest('AwaitingReview', 'AwaitingReview', '12 rows.'),
    ['Normal AwaitingReview'],
  ],
  ['it fails', was('Running', 'Drafting'), rest('Failed', 'ModelNotFound', 'No.'), ['Warning ModelNotFound']],
  [
    'some rows are not written',
    was('Applying', 'Applying'),
    rest('PartiallyApplied', 'PartiallyApplied', '1 of 2.'),
    ['Warning PartiallyApplied'],
  ],
  ['it is over', was('Applying', 'Applying'), rest('Succeeded', 'Succeeded', '2.'), ['Normal Succeeded']],
])('when %s', (_title, before, decision, wanted) => {
  expect(runEvents(before, decision).map(({ type, reason }) => `${type} ${reason}`)).toEqual(wanted)
})

it('tells of a store that is down once', () => {
  const ready = { status: 'False', reason: 'StoreUnavailable', message: 'The store does not answer.' } as const
  const decision = rest('Running', 'Drafting', 'On.', { ready })
  const before = was('Running', 'Drafting')
  expect(runEvents(before, decision)).toMatchObject([{ type: 'Warning', reason: 'StoreUnavailable' }])
  const told = { ...before, conditions: [...(before.conditions ?? []), fixtureCondition({ type: 'Ready', ...ready })] }
  expect(runEvents(told, decision)).toEqual([])
})
