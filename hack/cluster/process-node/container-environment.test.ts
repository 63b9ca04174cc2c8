import { expect, test } from 'vitest'
import { type ConfigReader, containerEnvironment } from './container-environment.ts'
import type { Container, Pod } from './pod-types.ts'

const pod: Pod = {
  metadata: { name: 'one', namespace: 'test', uid: 'u1', labels: { app: 'amx' }, annotations: { 'amx.dev/run': 'r' } },
  spec: { nodeName: 'node', serviceAccountName: 'worker', containers: [] },
}
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const read: ConfigReader = async (kind, name) => {
  if (kind === 'configmaps' && name === 'settings') {
    return { metadata: { name, namespace: 'test', uid: 'c' }, data: { HOST: 'db', PORT: '5432' } }
  }
  if (kind === 'secrets' && name === 'login') {
    return { metadata: { name, namespace: 'test', uid: 's' }, data: { password: base64('p$(HOST)') } }
  }
  return undefined
}

function environment(change: Partial<Container>): Promise<Record<string, string>> {
  return containerEnvironment(pod, { name: 'main', image: 'x', ...change }, { GIVEN: 'given' }, read)
}

test('variables come from objects, fields, limits and each other, in order', async () => {
  const result = await environment({
    envFrom: [{ configMapRef: { name: 'settings' }, prefix: 'DB_' }, { secretRef: { name: 'absent', optional: true } }],
    env: [
      { name: 'URL', value: '$(DB_HOST):$(DB_PORT)/$(GIVEN)/$(LATER)' },
      { name: 'LATER', value: 'later' },
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } },
      { name: 'ABSENT', valueFrom: { configMapKeyRef: { name: 'settings', key: 'nothing', optional: true } } },
      { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: 'RUN', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['amx.dev/run']" } } },
      { name: 'ACCOUNT', valueFrom: { fieldRef: { fieldPath: 'spec.serviceAccountName' } } },
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
    ],
    resources: { limits: { cpu: '1500m', memory: '256Mi' } },
  })
  expect(result).toEqual({
    DB_HOST: 'db',
    DB_PORT: '5432',
    URL: 'db:5432/given/$(LATER)',
    LATER: 'later',
    PASSWORD: 'p$(HOST)',
    POD: 'one',
    APP: 'amx',
    RUN: 'r',
    ACCOUNT: 'worker',
    IP: '127.0.0.1',
    CPU: '2',
    MEMORY: '256',
  })
})

test.each([
  [{ envFrom: [{ secretRef: { name: 'absent' } }] }, 'secret "absent" not found'],
  [
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'absent', key: 'k' } } }] },
    'configmap "absent" not found',
  ],
  [
    { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'login', key: 'user' } } }] },
    "couldn't find key user in Secret test/login",
  ],
])('a missing reference is told in the words of the kubelet: %j', async (change, message) => {
  await expect(environment(change)).rejects.toThrow(message)
})
