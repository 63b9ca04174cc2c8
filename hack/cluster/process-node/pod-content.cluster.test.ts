import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { rigKubectlPath } from '../../rig/index.ts'
import { isOver, isReady, startTestNode } from './test-node.ts'

/** Each look is a process of its own, which a busy machine can take its time for. */
const patient = { timeout: 20_000 }
const cluster = await startTestNode()
const core = `/api/v1/namespaces/${cluster.namespace}`
const base64 = (text: string): string => Buffer.from(text).toString('base64')

async function createSecret(name: string, data: Record<string, string>): Promise<void> {
  await cluster.create('secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: data })
}

async function createConfigMap(name: string, data: Record<string, string>): Promise<void> {
  await cluster.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })
}

async function outputOf(script: string, container: object, spec: object = {}): Promise<string[]> {
  const name = await cluster.runPod({ main: script }, { containers: { main: container }, spec })
  await cluster.podUntil(name, isOver)
  return cluster.logs(name)
}

test('the environment comes from values, config maps, secrets and the pod, and has nothing of the agent', async () => {
  await createConfigMap('settings', { HOST: 'db', PORT: '5432' })
  await createSecret('login', { password: 'secret words' })
  process.env['AMX_LEAK'] = 'must not be seen'
  const lines = await outputOf('env', {
    envFrom: [{ configMapRef: { name: 'settings' }, prefix: 'DB_' }],
    env: [
      { name: 'URL', value: '$(DB_HOST):$(DB_PORT)' },
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } },
      { name: 'NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
      { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'requests.cpu', divisor: '1m' } } },
    ],
    resources: { requests: { cpu: '250m' } },
  })
  delete process.env['AMX_LEAK']
  expect(lines).toEqual(
    expect.arrayContaining([
      'DB_HOST=db',
      'URL=db:5432',
      'PASSWORD=secret words',
      `NAMESPACE=${cluster.namespace}`,
      `NODE=${cluster.options.nodeName}`,
      'CPU=250',
    ]),
  )
  expect(lines.join()).not.toContain('AMX_LEAK')
})

test('volumes are folders, and mount paths in env, command and args lead there', async () => {
  await createConfigMap('files', { 'a.conf': 'plain', 'b.conf': 'other' })
  await createSecret('keys', { key: 'hidden' })
  const script =
    'cat $A /etc/amx/keys/renamed; ls -l /etc/amx/keys/renamed -L; echo x > /scratch/file; cat /scratch/file; cat /pod/labels; cat /only/one'
  const lines = await outputOf(
    script,
    {
      env: [{ name: 'A', value: '/etc/amx/a.conf' }],
      volumeMounts: [
        { name: 'config', mountPath: '/etc/amx' },
        { name: 'keys', mountPath: '/etc/amx/keys' },
        { name: 'scratch', mountPath: '/scratch' },
        { name: 'pod', mountPath: '/pod' },
        { name: 'config', mountPath: '/only/one', subPath: 'b.conf' },
      ],
    },
    {
      volumes: [
        { name: 'config', configMap: { name: 'files' } },
        { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o400, items: [{ key: 'key', path: 'renamed' }] } },
        { name: 'scratch', emptyDir: {} },
        { name: 'pod', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.name' } }] } },
      ],
    },
  )
  expect(lines[0]).toMatch(/^plainhidden-r--------/)
  expect(lines[1]).toBe('x')
  expect(lines[2]).toMatch(/^pod-[0-9a-f]+other$/)
})

test('a folder above several mounts leads to each of them', async () => {
  await createSecret('warehouse-a', { user: 'a\n' })
  await createSecret('warehouse-b', { user: 'b\n' })
  const lines = await outputOf(
    'cat $FOLDER/0/user; cat $FOLDER/1/user',
    {
      env: [{ name: 'FOLDER', value: '/var/run/amx/credentials' }],
      volumeMounts: [
        { name: 'a', mountPath: '/var/run/amx/credentials/0' },
        { name: 'b', mountPath: '/var/run/amx/credentials/1' },
      ],
    },
    {
      volumes: [
        { name: 'a', projected: { sources: [{ secret: { name: 'warehouse-a' } }] } },
        { name: 'b', secret: { secretName: 'warehouse-b' } },
      ],
    },
  )
  expect(lines).toEqual(['a', 'b'])
})

test('a projected token is for its audience, bound to the pod, and accepted by the API server', async () => {
  const name = await cluster.runPod(
    { main: 'cat /var/run/amx/token; echo; exec sleep 1000' },
    {
      containers: { main: { volumeMounts: [{ name: 'token', mountPath: '/var/run/amx' }] } },
      spec: {
        volumes: [
          {
            name: 'token',
            projected: {
              sources: [{ serviceAccountToken: { path: 'token', audience: 'amx', expirationSeconds: 600 } }],
            },
          },
        ],
      },
    },
  )
  await cluster.podUntil(name, isReady)
  await expect.poll(() => cluster.logs(name), patient).toEqual([expect.stringMatching(/^ey/)])
  const [token] = await cluster.logs(name)
  const review = async (audience: string): Promise<object> =>
    cluster.api.call<object>('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences: [audience] } },
    })
  expect(await review('amx')).toMatchObject({
    status: {
      authenticated: true,
      user: {
        username: `system:serviceaccount:${cluster.namespace}:default`,
        extra: { 'authentication.kubernetes.io/pod-name': [name] },
      },
    },
  })
  expect(await review('somebody-else')).not.toMatchObject({ status: { authenticated: true } })
  await cluster.deletePod(name, 0)
})

test('a program finds its service account by KUBECONFIG; without the mount there is none', async () => {
  const script = 'echo "$KUBECONFIG|$KUBERNETES_SERVICE_HOST"; grep -c tokenFile "$KUBECONFIG"'
  const [found, count] = await outputOf(script, {})
  expect(found).toMatch(/kubeconfig\|127\.0\.0\.1$/)
  expect(count).toBe('1')
  const [absent] = await outputOf(script, {}, { automountServiceAccountToken: false })
  expect(absent).toBe('|127.0.0.1')
})

test('kubectl in a pod is the service account of the pod', async () => {
  const lines = await outputOf(`${rigKubectlPath()} auth whoami -o jsonpath={.status.userInfo.username}`, {})
  expect(lines).toEqual([`system:serviceaccount:${cluster.namespace}:default`])
})

test('a container waits for a missing secret, says so, and starts when it is there', async () => {
  const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'later', key: 'a' } } }]
  const name = await cluster.runPod({ main: 'echo "$A"' }, { containers: { main: { env } } })
  const waiting = await cluster.podUntil(
    name,
    (pod) => pod.status?.containerStatuses?.[0]?.state.waiting?.reason === 'CreateContainerConfigError',
  )
  expect(waiting.status?.containerStatuses?.[0]?.state.waiting?.message).toBe('secret "later" not found')
  await createSecret('later', { b: 'wrong key' })
  await cluster.podUntil(name, (pod) =>
    (pod.status?.containerStatuses?.[0]?.state.waiting?.message ?? '').startsWith("couldn't find key a in Secret"),
  )
  await cluster.api.call('PATCH', `${core}/secrets/later`, {
    contentType: 'application/merge-patch+json',
    body: { data: { a: base64('at last') } },
  })
  const over = await cluster.podUntil(name, isOver)
  expect(over.status?.containerStatuses?.[0]?.restartCount).toBe(0)
  expect(await cluster.logs(name)).toEqual(['at last'])
})

test('all pods that wait for the same secret start when it is there', async () => {
  const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'shared-later', key: 'a' } } }]
  const names = await Promise.all(
    [1, 2, 3, 4, 5].map(() => cluster.runPod({ main: 'true' }, { containers: { main: { env } } })),
  )
  const creation = createSecret('shared-later', { a: 'b' })
  const pods = await Promise.all(names.map((name) => cluster.podUntil(name, isOver)))
  await creation
  expect(pods.map(({ status }) => status?.phase)).toEqual(names.map(() => 'Succeeded'))
})

test('a pod waits for a missing config map of a volume; an optional one is no hindrance', async () => {
  const volumes = [
    { name: 'late', configMap: { name: 'late-files' } },
    { name: 'never', configMap: { name: 'never-there', optional: true } },
  ]
  const volumeMounts = [
    { name: 'late', mountPath: '/late' },
    { name: 'never', mountPath: '/never' },
  ]
  const name = await cluster.runPod(
    { main: 'cat /late/a; ls /never | wc -l' },
    { containers: { main: { volumeMounts } }, spec: { volumes } },
  )
  const events = `/api/v1/namespaces/${cluster.namespace}/events?fieldSelector=reason=FailedMount&watch=true`
  const stop = new AbortController()
  for await (const event of cluster.api.watch<{ message: string }>(events, stop.signal)) {
    if (event.object.message.includes('"late-files" not found')) break
  }
  stop.abort()
  await createConfigMap('late-files', { a: 'here\n' })
  await cluster.podUntil(name, isOver)
  expect(await cluster.logs(name)).toEqual(['here', '0'])
})

test('a change of a config map reaches the running program', async () => {
  await createConfigMap('changing', { a: 'old' })
  const name = await cluster.runPod(
    { main: 'cat /c/a; while [ "$(cat /c/a)" = old ]; do sleep 0.02; done; cat /c/a' },
    {
      containers: { main: { volumeMounts: [{ name: 'c', mountPath: '/c' }] } },
      spec: { volumes: [{ name: 'c', configMap: { name: 'changing' } }] },
    },
  )
  await cluster.podUntil(name, isReady)
  await cluster.api.call('PATCH', `${core}/configmaps/changing`, {
    contentType: 'application/merge-patch+json',
    body: { data: { a: 'new' } },
  })
  await cluster.podUntil(name, isOver)
  expect(await cluster.logs(name)).toEqual(['oldnew'])
})

test('secrets of a pod that has ended are gone from the disk', async () => {
  await createSecret('short-lived', { key: 'hidden' })
  const name = await cluster.runPod(
    { main: 'echo /s/key' },
    {
      containers: { main: { volumeMounts: [{ name: 's', mountPath: '/s' }] } },
      spec: { volumes: [{ name: 's', secret: { secretName: 'short-lived' } }] },
    },
  )
  await cluster.podUntil(name, isOver)
  const [path = ''] = await cluster.logs(name)
  await expect
    .poll(() =>
      readFile(path).then(
        () => 'there',
        () => 'gone',
      ),
    )
    .toBe('gone')
})
