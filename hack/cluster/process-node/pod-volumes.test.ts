import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ConfigObjects } from './config-objects.ts'
import type { Container, Pod } from './pod-types.ts'
import { openPodVolumes, referredObjects } from './pod-volumes.ts'

const signal = new AbortController().signal
const noObjects: ConfigObjects = { read: async () => undefined, follow: () => () => {} }
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amx-volumes-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

function podWith(spec: Partial<Pod['spec']>): Pod {
  return { metadata: { name: 'one', namespace: 'test', uid: 'u' }, spec: { containers: [], ...spec } }
}

test('a token is kept until it is due, and then replaced', async () => {
  const source = { serviceAccountToken: { path: 'token', audience: 'amx' } }
  const pod = podWith({ volumes: [{ name: 't', projected: { sources: [source] } }] })
  const renewals = [Date.now() + 60_000, 0, Number.POSITIVE_INFINITY]
  let issued = 0
  const volumes = openPodVolumes({
    folder,
    objects: noObjects,
    async issueToken() {
      issued += 1
      return { token: `token ${issued}`, renewAtMs: renewals[issued - 1] ?? 0 }
    },
  })
  const token = (): Promise<string> => readFile(join(folder, 't/token'), 'utf8')
  await volumes.write(pod, signal)
  const dueMs = volumes.renewAtMs()
  await volumes.write(pod, signal)
  expect(await token()).toBe('token 1')
  expect(dueMs).toBe(renewals[0])

  const overdue = openPodVolumes({
    folder,
    objects: noObjects,
    async issueToken() {
      issued += 1
      return { token: `token ${issued}`, renewAtMs: renewals[issued - 1] ?? 0 }
    },
  })
  await overdue.write(pod, signal)
  expect(await token()).toBe('token 2')
  await overdue.write(pod, signal)
  expect(await token()).toBe('token 3')
  await overdue.write(pod, signal)
  expect(await token()).toBe('token 3')
})

test('mounts lead to folders, sub paths, host paths', async () => {
  const container: Container = {
    name: 'main',
    image: 'x',
    volumeMounts: [
      { name: 'scratch', mountPath: '/scratch' },
      { name: 'scratch', mountPath: '/part', subPathExpr: 'of/$(WHO)' },
      { name: 'host', mountPath: '/host' },
    ],
  }
  const volumes = openPodVolumes({ folder, objects: noObjects, issueToken: () => Promise.reject(new Error('none')) })
  await volumes.write(
    podWith({
      volumes: [
        { name: 'scratch', emptyDir: {} },
        { name: 'host', hostPath: { path: '/opt' } },
      ],
    }),
    signal,
  )
  expect(await volumes.mounts(container, { WHO: 'me' })).toEqual([
    { mountPath: '/scratch', hostPath: join(folder, 'scratch') },
    { mountPath: '/part', hostPath: join(folder, 'scratch/of/me') },
    { mountPath: '/host', hostPath: '/opt' },
  ])
  const escaping = { ...container, volumeMounts: [{ name: 'scratch', mountPath: '/x', subPath: '../other' }] }
  await expect(volumes.mounts(escaping, {})).rejects.toThrow('leaves its volume')
})

test.each([
  [
    { name: 'v', secret: { secretName: 'absent' } },
    'MountVolume.SetUp failed for volume "v" : secret "absent" not found',
  ],
  [{ name: 'v', persistentVolumeClaim: { claimName: 'x' } }, 'volume "v" is of a kind the process node does not have'],
])('a volume that cannot be made says why: %j', async (volume, message) => {
  const volumes = openPodVolumes({ folder, objects: noObjects, issueToken: () => Promise.reject(new Error('none')) })
  await expect(volumes.write(podWith({ volumes: [volume] }), signal)).rejects.toThrow(message)
})

test('all objects a pod refers to are found, each once', () => {
  const pod = podWith({
    containers: [
      {
        name: 'main',
        image: 'x',
        envFrom: [{ secretRef: { name: 'a' } }, { configMapRef: { name: 'b' } }],
        env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 'c', key: 'k' } } }],
      },
    ],
    volumes: [
      { name: '1', secret: { secretName: 'a' } },
      { name: '2', projected: { sources: [{ configMap: { name: 'd' } }, { secret: { name: 'e' } }] } },
      { name: '3', configMap: { name: 'f' } },
    ],
  })
  expect(
    referredObjects(pod)
      .map(({ kind, name }) => `${kind}/${name}`)
      .sort(),
  ).toEqual(['configmaps/b', 'configmaps/d', 'configmaps/f', 'secrets/a', 'secrets/c', 'secrets/e'])
})
