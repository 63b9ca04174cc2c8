import { expect, test } from 'vitest'
import { configMaps } from '../testing/config-map.ts'
import { objectKey, parseKey, type ResourceKind, resourcePath } from './kube-object.ts'

const leases: ResourceKind = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
}

test.each([
  [resourcePath(configMaps), '/api/v1/configmaps'],
  [resourcePath(configMaps, { namespace: 'a' }), '/api/v1/namespaces/a/configmaps'],
  [resourcePath(leases, { namespace: 'a', name: 'b' }), '/apis/coordination.k8s.io/v1/namespaces/a/leases/b'],
  [
    resourcePath(leases, { namespace: 'a', name: 'b/../c', subresource: 'status' }),
    '/apis/coordination.k8s.io/v1/namespaces/a/leases/b%2F..%2Fc/status',
  ],
  [
    resourcePath({ ...leases, scope: 'Cluster' }, { namespace: 'a', name: 'b' }),
    '/apis/coordination.k8s.io/v1/leases/b',
  ],
])('%s', (path, expected) => {
  expect(path).toBe(expected)
})

test('a key and what it stands for', () => {
  expect(parseKey(objectKey('a', 'b'))).toEqual({ namespace: 'a', name: 'b' })
  expect(parseKey(objectKey(undefined, 'b'))).toEqual({ namespace: undefined, name: 'b' })
})
