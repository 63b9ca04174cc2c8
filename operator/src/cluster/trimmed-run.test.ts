import { expect, it } from 'vitest'
import { fixtureCondition, fixtureRun } from '../run/run-fixture.ts'
import { trimmedRun } from './trimmed-run.ts'

const conditions = [fixtureCondition({ type: 'Succeeded' })]
const job = (state: 'Running' | 'Succeeded') => ({ stage: 'draft', name: 'shop-draft-1', attempt: 1, state }) as const

it('keeps a run at work whole', () => {
  const run = fixtureRun({ status: { phase: 'AwaitingReview', conditions } })
  expect(trimmedRun(run)).toBe(run)
  expect(trimmedRun(fixtureRun())).toEqual(fixtureRun())
})

it('keeps of a run that ended when and how it did', () => {
  const completionTime = '2026-11-20T09:00:00Z'
  const run = fixtureRun({ status: { phase: 'Failed', completionTime, conditions, jobs: [job('Succeeded')] } })
  expect(trimmedRun(run).status).toEqual({ phase: 'Failed', completionTime })
  expect(trimmedRun(run).metadata).toEqual(run.metadata)
})

it('keeps the Jobs that are still to be shown as ended', () => {
  const run = fixtureRun({ status: { phase: 'Failed', jobs: [job('Running')] } })
  expect(trimmedRun(run).status?.jobs).toEqual([job('Running')])
})
