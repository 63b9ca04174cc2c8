/** A reference from an object to the one that owns it, as the API server stores it. */
export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean | undefined
  blockOwnerDeletion?: boolean | undefined
}

/** The part of an object's metadata that the runtime reads; times are RFC 3339 text, as they come over the wire. */
export interface ObjectMeta {
  name: string
  namespace?: string | undefined
  uid?: string | undefined
  resourceVersion?: string | undefined
  generation?: number | undefined
  creationTimestamp?: string | undefined
  deletionTimestamp?: string | undefined
  labels?: Record<string, string> | undefined
  annotations?: Record<string, string> | undefined
  finalizers?: readonly string[] | undefined
  ownerReferences?: readonly OwnerReference[] | undefined
}

/** Anything the API server stores. */
export interface KubeObject {
  apiVersion?: string | undefined
  kind?: string | undefined
  metadata: ObjectMeta
}

/** Names one object: `namespace/name`, or only `name` for objects of the whole cluster. */
export type ObjectKey = string

/** A kind of object and where the API server serves it. */
export interface ResourceKind {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  /** Empty when it is not known: then objects cannot be created, and what is read carries the kind the server names. */
  readonly kind: string
  readonly plural: string
  readonly scope: 'Namespaced' | 'Cluster'
}

/** Where in the cluster a request goes. */
export interface ResourceTarget {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: string | undefined
}

/** `group/version`, or only the version for the core group. */
export function apiVersionOf(resource: ResourceKind): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
}

/** The path of a collection, an object or a subresource, each part escaped. */
export function resourcePath(resource: ResourceKind, target: ResourceTarget = {}): string {
  const root = resource.group === '' ? '/api' : '/apis'
  const parts = [root, ...apiVersionOf(resource).split('/')]
  if (resource.scope === 'Namespaced' && target.namespace !== undefined) {
    parts.push('namespaces', encodeURIComponent(target.namespace))
  }
  parts.push(resource.plural)
  if (target.name !== undefined) parts.push(encodeURIComponent(target.name))
  if (target.subresource !== undefined) parts.push(target.subresource)
  return parts.join('/')
}

/** The key of an object. */
export function keyOf(object: KubeObject): ObjectKey {
  return objectKey(object.metadata.namespace, object.metadata.name)
}

/** The key of an object that is known by its name only. */
export function objectKey(namespace: string | undefined, name: string): ObjectKey {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}

/** What a key stands for. */
export function parseKey(key: ObjectKey): { namespace: string | undefined; name: string } {
  const slash = key.indexOf('/')
  if (slash < 0) return { namespace: undefined, name: key }
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
