import { type Kind, kinds, plurals } from '@amx/api'
import { type Asked, type Check, forbidden, missing } from './check.ts'

const install = 'Install AMX into the cluster: `kubectl apply --server-side -f crds`, or `helm upgrade --install`.'

/** Whether the API server answers. */
export function clusterCheck(server: string, version: Asked<{ readonly gitVersion: string }>): Check {
  if ('answer' in version)
    return { part: 'cluster', state: 'Ok', says: `${server} answers (${version.answer.gitVersion})` }
  return { part: 'cluster', state: 'Fail', says: version.problem, remedy: version.remedy }
}

/** Resources of the product's API group and version. */
export interface ResourceList {
  readonly resources: readonly { readonly name: string }[]
}

/** Whether the cluster knows every kind of the product, in the version this plugin speaks. */
export function definitionsCheck(found: Asked<ResourceList>): Check {
  const part = 'definitions'
  if (!('answer' in found)) {
    const says = found.code === missing ? 'the cluster does not know amx.dev/v1alpha1' : found.problem
    return { part, state: 'Fail', says, remedy: found.code === missing ? install : found.remedy }
  }
  const names = new Set(found.answer.resources.map(({ name }) => name))
  const absent = kinds.filter((kind: Kind) => !names.has(plurals[kind]))
  if (absent.length === 0) return { part, state: 'Ok', says: `${kinds.length} kinds of amx.dev/v1alpha1 are served` }
  return { part, state: 'Fail', says: `not served: ${absent.join(', ')}`, remedy: install }
}

export interface Permission {
  readonly does: string
  readonly verb: string
  readonly resource: string
  readonly subresource?: string
  /** Without it nothing of use can be done at all. */
  readonly needed: boolean
}

/** What commands need, in the words of who uses them. */
export const permissions: readonly Permission[] = [
  { does: 'see runs', verb: 'list', resource: 'metadataruns', needed: true },
  { does: 'read results', verb: 'get', resource: 'metadataruns', subresource: 'results', needed: true },
  { does: 'start runs', verb: 'create', resource: 'metadataruns', needed: false },
  { does: 'cancel runs', verb: 'patch', resource: 'metadataruns', needed: false },
  { does: 'review drafts', verb: 'create', resource: 'reviewdecisions', needed: false },
  { does: 'write to databases', verb: 'apply', resource: 'reviewdecisions', needed: false },
  { does: 'see database profiles', verb: 'list', resource: 'databaseprofiles', needed: false },
  { does: 'see model profiles', verb: 'list', resource: 'llmprofiles', needed: false },
]

/** Whether the caller may do a thing in the namespace. */
export function permissionCheck(permission: Permission, namespace: string, allowed: Asked<boolean>): Check {
  const part = 'permissions'
  const { does, verb, resource, subresource, needed } = permission
  if (!('answer' in allowed))
    return { part, state: 'Warn', says: `may I ${does}? ${allowed.problem}`, remedy: allowed.remedy }
  if (allowed.answer) return { part, state: 'Ok', says: `I may ${does} in ${namespace}` }
  const what = `${resource}${subresource === undefined ? '' : `/${subresource}`}.amx.dev`
  const remedy = `Ask for a Role in ${namespace} with the verb ${verb} on ${what}.`
  return { part, state: needed ? 'Fail' : 'Warn', says: `I may not ${does} in ${namespace}`, remedy }
}

/** Names of the admission policies of the product. */
export const policyNames = ['reviewdecisions.amx.dev', 'metadataruns.amx.dev', 'metadataschedules.amx.dev'] as const

export interface Policy {
  readonly status?: {
    readonly typeChecking?: { readonly expressionWarnings?: readonly { readonly warning: string }[] }
  }
}

/** Whether a policy is there and bound: without it anybody could review in another's name. */
export function policyCheck(name: string, policy: Asked<Policy>, binding: Asked<unknown>): Check {
  const part = 'policies'
  for (const [what, asked] of [
    ['policy', policy],
    ['binding of policy', binding],
  ] as const) {
    if ('answer' in asked) continue
    if (asked.code === forbidden) return { part, state: 'Skipped', says: `you may not look at ${what} ${name}` }
    const says = asked.code === missing ? `there is no ${what} ${name}` : asked.problem
    return { part, state: 'Fail', says, remedy: asked.code === missing ? install : asked.remedy }
  }
  const warnings = 'answer' in policy ? (policy.answer.status?.typeChecking?.expressionWarnings ?? []) : []
  if (warnings.length === 0) return { part, state: 'Ok', says: `${name} is in force` }
  const says = `${name} does not fit the installed definitions: ${warnings[0]?.warning.split('\n')[0] ?? ''}`
  return { part, state: 'Warn', says, remedy: install }
}

export interface Deployment {
  readonly spec?: {
    readonly replicas?: number
    readonly template?: { readonly spec?: { readonly containers?: readonly { readonly image?: string }[] } }
  }
  readonly status?: {
    readonly readyReplicas?: number
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[]
  }
}

/** Whether the pods of a part of the system are ready. */
export function deploymentCheck(part: 'operator' | 'server', namespace: string, asked: Asked<Deployment>): Check {
  if (!('answer' in asked)) {
    if (asked.code === forbidden) return { part, state: 'Skipped', says: `you may not look at Deployment amx-${part}` }
    const says = asked.code === missing ? `there is no Deployment amx-${part} in ${namespace}` : asked.problem
    return { part, state: 'Fail', says, remedy: asked.code === missing ? install : asked.remedy }
  }
  const { spec, status } = asked.answer
  const image = spec?.template?.spec?.containers?.[0]?.image ?? 'unknown'
  const ready = status?.readyReplicas ?? 0
  const wanted = spec?.replicas ?? 1
  const says = `${ready} of ${wanted} pods ready (${image})`
  if (ready > 0 && ready >= wanted) return { part, state: 'Ok', says }
  const why = status?.conditions?.find(({ type, status: holds }) => type === 'Available' && holds !== 'True')?.message
  const remedy = `See why with \`kubectl -n ${namespace} describe pods -l app.kubernetes.io/name=amx-${part}\`.`
  return { part, state: ready > 0 ? 'Warn' : 'Fail', says: why === undefined ? says : `${says}: ${why}`, remedy }
}

export interface Lease {
  readonly spec?: {
    readonly holderIdentity?: string
    readonly renewTime?: string
    readonly leaseDurationSeconds?: number
  }
}

/** Whether one operator leads; only that one works. */
export function leaseCheck(namespace: string, asked: Asked<Lease>, now: Date): Check {
  const part = 'operator'
  const remedy = `Read the operator's log with \`kubectl -n ${namespace} logs deployment/amx-operator\`.`
  if (!('answer' in asked)) {
    if (asked.code === forbidden) return { part, state: 'Skipped', says: 'you may not look at Lease amx-operator' }
    return { part, state: 'Fail', says: asked.code === missing ? 'no operator leads' : asked.problem, remedy }
  }
  const { holderIdentity, renewTime, leaseDurationSeconds = 15 } = asked.answer.spec ?? {}
  const ageMs = renewTime === undefined ? Number.POSITIVE_INFINITY : now.getTime() - Date.parse(renewTime)
  if (!holderIdentity || ageMs > (leaseDurationSeconds + 15) * 1_000) {
    const last = holderIdentity ? `: ${holderIdentity} was the last` : ''
    return { part, state: 'Fail', says: `no operator leads${last}`, remedy }
  }
  return { part, state: 'Ok', says: `${holderIdentity} leads` }
}
