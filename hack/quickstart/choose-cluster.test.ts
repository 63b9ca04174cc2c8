import { expect, test } from 'vitest'
import type { KindFacts } from '../cluster/kind/index.ts'
import { type ClusterChoice, type ClusterKind, chooseCluster, wantedCluster } from './choose-cluster.ts'

const able: KindFacts = { docker: 'local', kind: true, go: true, kubectl: true, platform: 'linux' }
const noDocker: KindFacts = { ...able, docker: 'none' }
const noKind: KindFacts = { ...able, kind: false, go: false }
const remark = (because: string) => `not using kind, because ${because}: starting a bare control plane`
const neither = 'there is neither kind 0.30 or newer nor Go to install it with'

test.each<[ClusterKind | undefined, KindFacts, ClusterChoice]>([
  [undefined, able, { cluster: 'kind' }],
  [undefined, noDocker, { cluster: 'bare' }],
  [undefined, noKind, { cluster: 'bare', remark: remark(neither) }],
  [
    undefined,
    { ...able, docker: 'remote' },
    { cluster: 'bare', remark: remark('the Docker engine is that of another machine') },
  ],
  ['bare', able, { cluster: 'bare' }],
  ['bare', noDocker, { cluster: 'bare' }],
  ['kind', able, { cluster: 'kind' }],
])('the first time, asked for %s, on %j', async (wanted, facts, expected) => {
  expect(await chooseCluster({ wanted, kept: undefined, facts: async () => facts })).toEqual(expected)
})

test.each([
  [noDocker, 'no Docker engine answers'],
  [noKind, neither],
])('kind asked for where it cannot be is refused, with the reason', async (facts, reason) => {
  const choice = chooseCluster({ wanted: 'kind', kept: undefined, facts: async () => facts })
  await expect(choice).rejects.toThrow(`AMX_CLUSTER is kind, but ${reason}`)
})

test.each<[ClusterKind | undefined, ClusterKind]>([
  [undefined, 'kind'],
  [undefined, 'bare'],
  ['kind', 'kind'],
  ['bare', 'bare'],
])('a second time, asked for %s, what runs on %s stays there without a look at the machine', async (wanted, kept) => {
  const facts = () => Promise.reject(new Error('looked'))
  expect(await chooseCluster({ wanted, kept, facts })).toEqual({ cluster: kept })
})

test.each<[ClusterKind, ClusterKind]>([
  ['kind', 'bare'],
  ['bare', 'kind'],
])('a second time, %s is refused where it runs on %s', async (wanted, kept) => {
  const choice = chooseCluster({ wanted, kept, facts: async () => able })
  await expect(choice).rejects.toThrow(`the quick start runs on ${kept}: npm run quickstart:down first`)
})

test('the wish is one of two words, or none', () => {
  expect(wantedCluster({})).toBeUndefined()
  expect(wantedCluster({ AMX_CLUSTER: '' })).toBeUndefined()
  expect(wantedCluster({ AMX_CLUSTER: 'kind' })).toBe('kind')
  expect(wantedCluster({ AMX_CLUSTER: 'bare' })).toBe('bare')
  expect(() => wantedCluster({ AMX_CLUSTER: 'minikube' })).toThrow('it can be kind or bare')
})
