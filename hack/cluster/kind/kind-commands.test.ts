import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { components } from '../component-images.ts'
import {
  buildImageCommand,
  type Command,
  copyNodeFileCommand,
  createClusterCommand,
  deleteClusterCommand,
  exportKubeConfigCommand,
  kindClusterName,
  listClustersCommand,
  listPortsCommand,
  loadImagesCommand,
  readNodeFileCommand,
  startNodeCommand,
} from './kind-commands.ts'

const cluster = { kind: '/bin/kind', name: 'amx-one', kubeconfigPath: '/state/kubeconfig' }
const server = { target: 'server', image: 'amx.dev/server' }
const worker = { target: 'worker', image: 'amx.dev/worker' }

test.each<[Command, string]>([
  [
    createClusterCommand(cluster, '/state/kind.json'),
    '/bin/kind create cluster --name amx-one --kubeconfig /state/kubeconfig --config /state/kind.json --wait 180s',
  ],
  [exportKubeConfigCommand(cluster), '/bin/kind export kubeconfig --name amx-one --kubeconfig /state/kubeconfig'],
  [deleteClusterCommand(cluster), '/bin/kind delete cluster --name amx-one --kubeconfig /state/kubeconfig'],
  [listClustersCommand('/bin/kind'), '/bin/kind get clusters'],
  [
    buildImageCommand(server),
    'docker build --file hack/cluster/kind/Dockerfile --target server --tag amx.dev/server:dev .',
  ],
  [
    loadImagesCommand(cluster, [server, worker]),
    '/bin/kind load docker-image --name amx-one amx.dev/server:dev amx.dev/worker:dev',
  ],
  [startNodeCommand(cluster), 'docker start amx-one-control-plane'],
  [listPortsCommand(cluster), 'docker port amx-one-control-plane'],
  [readNodeFileCommand(cluster, '/etc/ca.crt'), 'docker exec amx-one-control-plane cat /etc/ca.crt'],
  [
    copyNodeFileCommand(cluster, '/usr/bin/kubectl', '/state/k'),
    'docker cp amx-one-control-plane:/usr/bin/kubectl /state/k',
  ],
])('%j', ({ command, args }, expected) => {
  expect([command, ...args].join(' ')).toBe(expected)
})

test.each([
  ['main-0a1b2c3d', 'amx-main-0a1b2c3d'],
  ['My_Checkout.v2-0a1b2c3d', 'amx-my-checkout-v2-0a1b2c3d'],
])('the cluster of checkout %s is %s', (key, expected) => {
  expect(kindClusterName(key)).toBe(expected)
})

test('the cluster of a checkout with a very long name keeps the digits that tell it from others', () => {
  const name = kindClusterName(`${'long-'.repeat(20)}0a1b2c3d`)
  expect(name).toMatch(/^amx-.*-0a1b2c3d$/)
  expect(name.length).toBeLessThanOrEqual(50)
})

test('the Dockerfile has a target per component that starts its program', () => {
  const text = readFileSync(join(import.meta.dirname, 'Dockerfile'), 'utf8')
  for (const [target, { program }] of Object.entries(components)) {
    expect(text).toContain(`FROM base AS ${target}\nENTRYPOINT ["node", "${program}"]`)
  }
})
