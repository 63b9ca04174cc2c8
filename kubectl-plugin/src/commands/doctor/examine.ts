import { apiVersion, type MetadataRun } from '@amx/api'
import type { CommandIO } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import { systemNamespace } from '../../connection/reach-server.ts'
import { pluginVersion } from '../../plugin-version.ts'
import { type Asked, asked, type Check } from './check.ts'
import {
  clusterCheck,
  type Deployment,
  definitionsCheck,
  deploymentCheck,
  type Lease,
  leaseCheck,
  type Permission,
  type Policy,
  permissionCheck,
  permissions,
  policyCheck,
  policyNames,
  type ResourceList,
} from './cluster-checks.ts'
import { examineProfiles } from './examine-profiles.ts'
import type { TestRequest } from './request-tests.ts'
import { serverCheck, storeCheck, stuckChecks } from './system-checks.ts'

export interface ExamineOptions {
  /** Leaves out what does not go through the Kubernetes API: the server and, through it, the store. */
  readonly network: 'All' | 'ClusterOnly'
  /** For how long a run may stand still. */
  readonly stuckMs: number
  /** Has every profile tested first; null: shows what the last tests found. */
  readonly test: TestRequest | null
}

/** Looks at every part of the system, from the cluster inwards. Never throws for what is broken. */
export async function examine(connection: Connection, io: CommandIO, options: ExamineOptions): Promise<Check[]> {
  const { kubernetes, namespace } = connection
  const get = <Answer>(path: string, accept?: string) => asked(kubernetes.get<Answer>(path, accept))
  const cluster = clusterCheck(connection.apiServer, await get('version'))
  // Nothing else can be told of a cluster that does not answer.
  if (cluster.state === 'Fail') return [cluster]
  const system = systemNamespace(io)
  const admission = 'apis/admissionregistration.k8s.io/v1/validatingadmissionpolic'
  const now = io.now()
  const parts: Promise<Check[]>[] = [
    get<ResourceList>(`apis/${apiVersion}`).then((found) => [definitionsCheck(found)]),
    Promise.all(
      permissions.map(async (permission) => permissionCheck(permission, namespace, await mayI(connection, permission))),
    ),
    Promise.all(
      policyNames.map(async (name) =>
        policyCheck(name, await get<Policy>(`${admission}ies/${name}`), await get(`${admission}ybindings/${name}`)),
      ),
    ),
    (async () => [
      deploymentCheck(
        'operator',
        system,
        await get<Deployment>(`apis/apps/v1/namespaces/${system}/deployments/amx-operator`),
      ),
      leaseCheck(system, await get<Lease>(`apis/coordination.k8s.io/v1/namespaces/${system}/leases/amx-operator`), now),
    ])(),
    (async () => [
      deploymentCheck(
        'server',
        system,
        await get<Deployment>(`apis/apps/v1/namespaces/${system}/deployments/amx-server`),
      ),
      ...(options.network === 'All' ? await serverChecks(connection) : []),
    ])(),
    examineProfiles(connection, get, io, options.test),
    get<{ items: MetadataRun[] }>(resourcePath('MetadataRun', namespace)).then((runs) =>
      'answer' in runs
        ? stuckChecks(runs.answer.items, now, options.stuckMs)
        : [{ part: 'runs', state: 'Skipped' as const, says: runs.problem }],
    ),
  ]
  return [cluster, ...(await Promise.all(parts)).flat()]
}

async function mayI({ kubernetes, namespace }: Connection, permission: Permission): Promise<Asked<boolean>> {
  const { verb, resource, subresource } = permission
  const attributes = { group: 'amx.dev', namespace, verb, resource, ...(subresource !== undefined && { subresource }) }
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: attributes },
  }
  const path = 'apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  return asked(kubernetes.create<{ status: { allowed: boolean } }>(path, review).then(({ status }) => status.allowed))
}

async function serverChecks(connection: Connection): Promise<Check[]> {
  const seen = await asked(
    (async () => {
      const server = await connection.server()
      return { url: server.url, found: server.found, diagnostics: await server.diagnostics() }
    })(),
  )
  const server = serverCheck(pluginVersion, seen)
  return 'answer' in seen ? [server, storeCheck(seen.answer.diagnostics.store)] : [server]
}
