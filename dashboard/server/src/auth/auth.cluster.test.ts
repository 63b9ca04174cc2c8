import { randomUUID } from 'node:crypto'
import { callApiServer, rigKubeConfigPath, testNamespace } from '@amx/hack'
import { KubeConfig } from '@kubernetes/client-node'
import type { Request } from 'express'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClusterApi, createClusterApi } from '../kubernetes/cluster-api.ts'
import { createCallerAuthority } from './caller.ts'
import { createWorkerAuthenticator } from './worker-identity.ts'

let cluster: ClusterApi
let namespace: string

beforeAll(async () => {
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromFile(rigKubeConfigPath())
  cluster = createClusterApi(kubeConfig)
  namespace = await testNamespace({ prefix: 'auth' })
})

afterAll(() => cluster.close())

async function create(
  path: string,
  body: object,
): Promise<{ metadata: { name: string; uid: string }; status?: { token?: string } }> {
  const answer = await callApiServer(rigKubeConfigPath(), 'POST', path, body)
  if (answer.status >= 300) throw new Error(`${path}: ${answer.body}`)
  return JSON.parse(answer.body)
}

interface WorkerObjects {
  readonly runUid: string
  readonly pod: { readonly name: string; readonly uid: string }
}

/** A Job of a run with one pod, as the operator and the Job controller leave them. */
async function workerObjects(
  change: { jobOwner?: object[]; labels?: Record<string, string> } = {},
): Promise<WorkerObjects> {
  const name = `run-${randomUUID().slice(0, 8)}`
  const run = await create(`/apis/amx.dev/v1alpha1/namespaces/${namespace}/metadataruns`, {
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'MetadataRun',
    metadata: { name },
    spec: {
      type: 'Analyze',
      targets: [{ databaseProfileRef: { name: 'nothing' } }],
      llmProfileRef: { name: 'nothing' },
    },
  })
  const owner = (apiVersion: string, kind: string, of: { metadata: { name: string; uid: string } }) => [
    { apiVersion, kind, name: of.metadata.name, uid: of.metadata.uid, controller: true, blockOwnerDeletion: false },
  ]
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'worker', image: 'amx.dev/worker:dev' }] } }
  const job = await create(`/apis/batch/v1/namespaces/${namespace}/jobs`, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${name}-draft-1`,
      labels: { 'amx.dev/run-uid': run.metadata.uid, 'amx.dev/stage': 'draft', ...change.labels },
      ownerReferences: change.jobOwner ?? owner('amx.dev/v1alpha1', 'MetadataRun', run),
    },
    spec: { suspend: true, template },
  })
  const pod = await create(`/api/v1/namespaces/${namespace}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-draft-1-abcde`, ownerReferences: owner('batch/v1', 'Job', job) },
    spec: template.spec,
  })
  return { runUid: run.metadata.uid, pod: pod.metadata }
}

async function tokenOf(pod: { name: string; uid: string } | null, audience: string): Promise<string> {
  const boundObjectRef = pod === null ? undefined : { kind: 'Pod', apiVersion: 'v1', name: pod.name, uid: pod.uid }
  const answer = await create(`/api/v1/namespaces/${namespace}/serviceaccounts/default/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences: [audience],
      expirationSeconds: 600,
      ...(boundObjectRef === undefined ? {} : { boundObjectRef }),
    },
  })
  return answer.status?.token ?? ''
}

const authenticate = (token: string | null) => createWorkerAuthenticator(cluster, 'amx-server').worker(token)

test('a token of a pod says its run, its stage and who holds the leases', async () => {
  const { runUid, pod } = await workerObjects()
  expect(await authenticate(await tokenOf(pod, 'amx-server'))).toEqual({ runUid, stage: 'draft', holder: pod.name })
})

test('refuses a missing token, a forged one, another audience, and one that is bound to no pod', async () => {
  const { pod } = await workerObjects()
  const good = await tokenOf(pod, 'amx-server')
  const refused = [
    [null, 'carries no token'],
    [`${good.slice(0, -8)}AAAAAAAA`, 'not valid'],
    [await tokenOf(pod, 'another-audience'), 'not valid'],
    [await tokenOf(null, 'amx-server'), 'not bound to a pod'],
  ] as const
  for (const [token, words] of refused) await expect(authenticate(token)).rejects.toThrow(words)
})

test('refuses the pod of a Job that no MetadataRun owns, or that names another run than its owner', async () => {
  const unowned = await workerObjects({ jobOwner: [] })
  await expect(authenticate(await tokenOf(unowned.pod, 'amx-server'))).rejects.toThrow(
    'does not belong to a MetadataRun',
  )
  const other = await workerObjects({ labels: { 'amx.dev/run-uid': randomUUID() } })
  await expect(authenticate(await tokenOf(other.pod, 'amx-server'))).rejects.toThrow('another run than its owner')
  const stageless = await workerObjects({ labels: { 'amx.dev/stage': 'everything' } })
  await expect(authenticate(await tokenOf(stageless.pod, 'amx-server'))).rejects.toThrow('has no stage')
})

test('refuses the token of a pod that is gone', async () => {
  const { pod } = await workerObjects()
  const token = await tokenOf(pod, 'amx-server')
  const path = `/api/v1/namespaces/${namespace}/pods/${pod.name}?gracePeriodSeconds=0`
  await callApiServer(rigKubeConfigPath(), 'DELETE', path)
  await expect(authenticate(token)).rejects.toThrow(/not valid|no longer exists/)
})

function requestWith(token: string | undefined): Request {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return { headers, socket: {} } as Request
}

test('a person is who the cluster says and may do what its roles allow, no more', async () => {
  const authority = createCallerAuthority(cluster)
  const caller = await authority.authenticate(requestWith(await tokenOf(null, 'https://kubernetes.default.svc')))
  expect(caller.user.username).toBe(`system:serviceaccount:${namespace}:default`)
  const question = { verb: 'get', resource: 'metadataruns', subresource: 'results', namespace }
  await expect(authority.require(caller, question)).rejects.toMatchObject({ code: 'AMX-1012' })

  const rules = [{ apiGroups: ['amx.dev'], resources: ['metadataruns/results'], verbs: ['get'] }]
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
  await create(`${rbac}/roles`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'read' },
    rules,
  })
  await create(`${rbac}/rolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'read' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'read' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
  })
  // A fresh one, since a refusal is remembered for some seconds.
  const allowed = createCallerAuthority(cluster)
  await expect
    .poll(() => allowed.require(caller, { ...question, name: randomUUID() }).then(() => 'allowed'))
    .toBe('allowed')
  const writing = { verb: 'create', resource: 'metadataruns', namespace }
  await expect(allowed.require(caller, writing)).rejects.toMatchObject({ code: 'AMX-1012' })
})

test('nobody is let in without a token or a certificate', async () => {
  const authority = createCallerAuthority(cluster)
  await expect(authority.authenticate(requestWith(undefined))).rejects.toMatchObject({ code: 'AMX-1010' })
  await expect(authority.authenticate(requestWith('nonsense'))).rejects.toMatchObject({ code: 'AMX-1010' })
})
