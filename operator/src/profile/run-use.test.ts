import type { DatabaseProfile, MetadataRun } from '@amx/api'
import { expect, it } from 'vitest'
import type { Profile } from './plan-tests.ts'
import { runUse } from './run-use.ts'

const object = { metadata: { name: 'shop' } } as DatabaseProfile
const database: Profile = { kind: 'DatabaseProfile', object }
const time = '2026-01-01T00:00:00Z'

function run(status: object | undefined, profile = 'shop'): MetadataRun {
  const spec = {
    type: 'Analyze',
    targets: [{ databaseProfileRef: { name: profile } }],
    llmProfileRef: { name: 'shop' },
  }
  return { metadata: { name: 'r' }, spec, ...(status !== undefined && { status }) } as unknown as MetadataRun
}

const stage = (type: string, reason = 'Complete') => ({
  phase: 'AwaitingReview',
  conditions: [{ type, status: 'True', reason, message: '', lastTransitionTime: time }],
})

it.each<[string, MetadataRun, 'Idle' | 'AtWork']>([
  ['new', run(undefined), 'AtWork'],
  ['about to begin', run({ phase: 'Pending' }), 'AtWork'],
  ['waiting for a person', run({ phase: 'Pending', lastError: { code: 'AMX-1003' } }), 'Idle'],
  ['running', run({ phase: 'Running' }), 'AtWork'],
  ['waiting for a review', run({ phase: 'AwaitingReview' }), 'Idle'],
  ['writing', run({ phase: 'Applying' }), 'AtWork'],
  ['over', run({ phase: 'Succeeded' }), 'Idle'],
  ['of another profile', run({ phase: 'Running' }, 'other'), 'Idle'],
])('a run that is %s', (_, seen, wanted) => {
  expect(runUse(database, [run({ phase: 'Succeeded' }), seen]).runs).toBe(wanted)
})

it('a stage that ended well is proof of the profile it used, and of no other', () => {
  const model: Profile = { kind: 'LLMProfile', object: object as never }
  expect(runUse(database, [run(stage('Profiled'))]).provedAtMs).toBe(Date.parse(time))
  expect(runUse(model, [run(stage('Profiled'))]).provedAtMs).toBeNull()
  expect(runUse(model, [run(stage('Drafted'))]).provedAtMs).toBe(Date.parse(time))
  expect(runUse(database, [run(stage('Profiled', 'NotNeeded'))]).provedAtMs).toBeNull()
  expect(runUse(database, [run(stage('Profiled'), 'other')]).provedAtMs).toBeNull()
})
