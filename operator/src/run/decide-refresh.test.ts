import { AmxError } from '@amx/api'
import { expect, it } from 'vitest'
import { decideRun } from './decide-run.ts'
import { fixtureObservation, fixtureRun, observed } from './run-fixture.ts'

const run = fixtureRun({ spec: { type: 'Refresh' } })
const lost = new AmxError('AMX-4003', { job: 'profile', detail: 'gone' }).report()

it.each([
  ['starts the profile Job alone', { scopeResolved: false }, 'Running', ['CreateJob']],
  ['ends once the catalog is read, also of a database without tables', { tables: 0 }, 'Succeeded', []],
  ['fails for a name that is not there', { unknownAssets: ['sales.gone'] }, 'Failed', []],
  ['fails for a catalog that cannot be read', { lastError: lost }, 'Failed', []],
] as const)('a refresh %s', (_, changes, phase, kinds) => {
  const { tables, ...more } = { tables: 2, scopeResolved: true, ...changes }
  const store = fixtureObservation({ plannedAssets: 0, summary: { tables: { total: tables } }, ...more })
  const decision = decideRun(observed(store, { run }))
  expect(decision).toMatchObject({ phase })
  expect(decision.intents.map(({ kind }) => kind)).toEqual(kinds)
})
