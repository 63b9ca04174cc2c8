import { expect, test } from 'vitest'
import { kindConfig, missingMappings } from './kind-config.ts'

const mappings = [
  { nodePort: 30443, hostPort: 23456 },
  { nodePort: 30432, hostPort: 23457 },
]

test('the cluster has one node whose ways in are of the loopback alone', () => {
  expect(JSON.parse(kindConfig(mappings))).toEqual({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [
      {
        role: 'control-plane',
        extraPortMappings: [
          { containerPort: 30443, hostPort: 23456, listenAddress: '127.0.0.1', protocol: 'TCP' },
          { containerPort: 30432, hostPort: 23457, listenAddress: '127.0.0.1', protocol: 'TCP' },
        ],
      },
    ],
  })
})

test.each([
  ['all there', '30432/tcp -> 127.0.0.1:23457\n30443/tcp -> 127.0.0.1:23456\n6443/tcp -> 127.0.0.1:40001\n', []],
  ['another host port', '30432/tcp -> 127.0.0.1:23457\n30443/tcp -> 127.0.0.1:9\n', [mappings[0]]],
  ['another address', '30432/tcp -> 127.0.0.1:23457\n30443/tcp -> 0.0.0.0:23456\n', [mappings[0]]],
  ['a longer number', '30432/tcp -> 127.0.0.1:23457\n30443/tcp -> 127.0.0.1:234567\n', [mappings[0]]],
  ['none', '6443/tcp -> 127.0.0.1:40001\n', mappings],
])('what a cluster lacks: %s', (_, ports, expected) => {
  expect(missingMappings(mappings, ports)).toEqual(expected)
})
