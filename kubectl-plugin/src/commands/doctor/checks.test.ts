import type { Diagnostics, MetadataRun } from '@amx/api'
import { describe, expect, test } from 'vitest'
import type { Asked, Check } from './check.ts'
import {
  clusterCheck,
  type Deployment,
  definitionsCheck,
  deploymentCheck,
  type Lease,
  leaseCheck,
  permissionCheck,
  policyCheck,
} from './cluster-checks.ts'
import { serverCheck, storeCheck, stuckChecks } from './system-checks.ts'

const now = new Date('2026-11-21T08:00:00Z')
const failed = (code: string): Asked<never> => ({ code, problem: `problem ${code}`, remedy: 'Mend it.' })
const notThere = failed('AMX-1013')
const denied = failed('AMX-1012')
const away = failed('AMX-4001')
const deployment = (ready: number, replicas = 1): Asked<Deployment> => ({
  answer: { spec: { replicas }, status: { readyReplicas: ready } },
})
const lease = (renewTime: string, holderIdentity = 'pod-1'): Asked<Lease> => ({
  answer: { spec: { holderIdentity, renewTime, leaseDurationSeconds: 15 } },
})
const names = ['databaseprofiles', 'llmprofiles', 'contextsources', 'metadataruns', 'metadataschedules']
const resources = (more: readonly string[]) => ({
  answer: { resources: [...names, ...more].map((name) => ({ name })) },
})
const review = { does: 'review drafts', verb: 'create', resource: 'reviewdecisions', needed: false }
const see = { does: 'see runs', verb: 'list', resource: 'metadataruns', needed: true }
const store = {
  schema: 17,
  latencyMs: 1,
  units: { waiting: 0, leased: 0, overdue: 0 },
  unfinishedRuns: 0,
  sizeBytes: 1,
}
const seen = (version: string) => ({
  answer: { url: 'https://amx', found: 'as --server says', diagnostics: { version, store } satisfies Diagnostics },
})
const warned = { answer: { status: { typeChecking: { expressionWarnings: [{ warning: 'no such field\nmore' }] } } } }

describe('a part is', () => {
  test.each<[string, Check, Check['state'], string]>([
    ['a cluster that answers', clusterCheck('https://k', { answer: { gitVersion: 'v1' } }), 'Ok', 'v1'],
    ['a cluster that is away', clusterCheck('https://k', away), 'Fail', 'problem'],
    ['all kinds', definitionsCheck(resources(['reviewdecisions'])), 'Ok', '6 kinds'],
    ['a kind that is missing', definitionsCheck(resources([])), 'Fail', 'ReviewDecision'],
    ['no definitions', definitionsCheck(notThere), 'Fail', 'does not know'],
    ['a permission', permissionCheck(review, 'a', { answer: true }), 'Ok', 'I may review'],
    ['a permission that is missing', permissionCheck(review, 'a', { answer: false }), 'Warn', 'I may not review'],
    ['one without which nothing goes', permissionCheck(see, 'a', { answer: false }), 'Fail', 'I may not see'],
    ['a policy', policyCheck('p', { answer: {} }, { answer: {} }), 'Ok', 'in force'],
    ['a policy that is missing', policyCheck('p', notThere, { answer: {} }), 'Fail', 'no policy'],
    ['a policy that is not bound', policyCheck('p', { answer: {} }, notThere), 'Fail', 'no binding'],
    ['a policy one may not see', policyCheck('p', denied, denied), 'Skipped', 'may not look'],
    ['a policy that does not fit', policyCheck('p', warned, { answer: {} }), 'Warn', 'no such field'],
    ['ready pods', deploymentCheck('operator', 's', deployment(1)), 'Ok', '1 of 1'],
    ['a pod too few', deploymentCheck('server', 's', deployment(1, 2)), 'Warn', '1 of 2'],
    ['no pod', deploymentCheck('server', 's', deployment(0)), 'Fail', '0 of 1'],
    ['no Deployment', deploymentCheck('server', 's', notThere), 'Fail', 'no Deployment amx-server in s'],
    ['a leader', leaseCheck('s', lease('2026-11-21T07:59:50Z'), now), 'Ok', 'pod-1 leads'],
    ['a leader that is gone', leaseCheck('s', lease('2026-11-21T07:00:00Z'), now), 'Fail', 'pod-1 was the last'],
    ['a lease given up', leaseCheck('s', lease('2026-11-21T07:59:50Z', ''), now), 'Fail', 'no operator leads'],
    ['a server', serverCheck('0.1.0', seen('0.1.3')), 'Ok', 'as --server says'],
    ['a server of another version', serverCheck('0.1.0', seen('0.3.0')), 'Warn', '0.3.0'],
    ['a server that is away', serverCheck('0.1.0', failed('AMX-4006')), 'Fail', 'problem'],
    ['a store', storeCheck(store), 'Ok', 'schema 17'],
    ['a store that is away', storeCheck({ error: 'no' }), 'Fail', 'no'],
    ['a slow store', storeCheck({ ...store, latencyMs: 400 }), 'Warn', '400 ms'],
    [
      'work that nobody took back',
      storeCheck({ ...store, units: { ...store.units, overdue: 2 } }),
      'Warn',
      '2 overdue',
    ],
  ])('%s', (_, check, state, words) => {
    expect(check.state).toBe(state)
    expect(check.says).toContain(words)
    expect(check.remedy !== undefined).toBe(state === 'Warn' || state === 'Fail')
  })
})

describe('a run stands still', () => {
  const run = (minutesAgo: number, status: object | undefined) =>
    ({
      metadata: { name: 'r', creationTimestamp: new Date(now.getTime() - minutesAgo * 60_000).toISOString() },
      ...(status !== undefined && { status }),
    }) as MetadataRun
  const error = { code: 'AMX-2001', message: 'no connection', remedy: 'Check the host.' }

  test.each([
    ['that nobody looked at', run(11, undefined), 'not looked at'],
    ['that waits', run(11, { phase: 'Pending', conditions: [] }), 'is Pending for 11 min'],
    ['that runs and fails', run(11, { phase: 'Running', lastError: error }), 'no connection'],
  ])('%s', (_, stuck, words) => {
    const [check] = stuckChecks([stuck], now, 600_000)
    expect(check).toMatchObject({ state: 'Warn', says: expect.stringContaining(words) })
  })

  test.each([
    ['young', run(1, { phase: 'Pending' })],
    ['at work', run(60, { phase: 'Running' })],
    ['over', run(60, { phase: 'Failed', lastError: error })],
    ['in the hands of a reviewer', run(60, { phase: 'AwaitingReview' })],
  ])('and not one that is %s', (_, fine) => {
    expect(stuckChecks([fine], now, 600_000)).toMatchObject([{ state: 'Ok' }])
  })
})
