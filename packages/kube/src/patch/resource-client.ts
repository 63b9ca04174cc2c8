import {
  apiVersionOf,
  type KubeObject,
  keyOf,
  type ObjectKey,
  type ResourceKind,
  resourcePath,
} from '../object/kube-object.ts'
import { isAlreadyExists, isNotFound } from '../transport/kube-error.ts'
import type { Transport } from '../transport/transport.ts'

export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan'

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number
}

/** An object that is there; `created` tells whether this call made it. */
export interface CreateOutcome<T> {
  readonly object: T
  readonly created: boolean
}

/** Writes and uncached reads of one kind. Every write gives the object as stored, whose resource version is for freshness. */
export interface ResourceClient<T extends KubeObject> {
  readonly resource: ResourceKind
  /** Throws KubeError with status 404 when there is none. */
  get(key: ObjectKey, options?: CallOptions): Promise<T>
  /** Creates; when an object of that name exists and `isOurs` says so, gives that one. */
  create(object: T, options?: CallOptions & { readonly isOurs?: (existing: T) => boolean }): Promise<CreateOutcome<T>>
  /** JSON merge patch; with `resourceVersion` in its metadata only while the object is unchanged. */
  patch(key: ObjectKey, patch: object, options?: CallOptions): Promise<T>
  /** Merge patch of the status subresource. */
  patchStatus(key: ObjectKey, status: object, options?: CallOptions): Promise<T>
  /** Sets the finalizers, only while the object is as read: a list that somebody else changed must not be overwritten. */
  patchFinalizers(object: T, finalizers: readonly string[], options?: CallOptions): Promise<T>
  /** Server-side apply under our own field manager; takes the fields it names from others. */
  apply(object: T, options?: CallOptions & { readonly subresource?: 'status' }): Promise<T>
  /** Deletes; `gone` when there was nothing to delete. With `uid` only that very object. */
  delete(
    key: ObjectKey,
    options?: CallOptions & { readonly propagation?: PropagationPolicy; readonly uid?: string },
  ): Promise<'deleted' | 'gone'>
}

/** A client for one kind that names itself `fieldManager` in what it writes. */
export function createResourceClient<T extends KubeObject>(
  transport: Transport,
  resource: ResourceKind,
  fieldManager: string,
): ResourceClient<T> {
  function pathOf(key: ObjectKey, subresource?: string): string {
    const slash = key.indexOf('/')
    const namespace = slash < 0 ? undefined : key.slice(0, slash)
    return resourcePath(resource, { namespace, name: key.slice(slash + 1), subresource })
  }

  function limits(options: CallOptions | undefined): { signal?: AbortSignal | undefined; timeoutMs?: number } {
    return {
      signal: options?.signal,
      ...(options?.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    }
  }

  function mergePatch(path: string, body: object, options: CallOptions | undefined): Promise<T> {
    return transport.request<T>({
      method: 'PATCH',
      path,
      query: { fieldManager },
      body,
      contentType: 'application/merge-patch+json',
      ...limits(options),
    })
  }

  function get(key: ObjectKey, options?: CallOptions): Promise<T> {
    return transport.request<T>({ path: pathOf(key), ...limits(options) })
  }

  return {
    resource,
    get,
    async create(object, options) {
      const typed = { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind }
      try {
        const created = await transport.request<T>({
          method: 'POST',
          path: resourcePath(resource, { namespace: object.metadata.namespace }),
          query: { fieldManager },
          body: typed,
          ...limits(options),
        })
        return { object: created, created: true }
      } catch (error) {
        if (!isAlreadyExists(error) || options?.isOurs === undefined) throw error
        const existing = await get(keyOf(object), options)
        if (!options.isOurs(existing)) throw error
        return { object: existing, created: false }
      }
    },
    patch: (key, patch, options) => mergePatch(pathOf(key), patch, options),
    patchStatus: (key, status, options) => mergePatch(pathOf(key, 'status'), { status }, options),
    patchFinalizers(object, finalizers, options) {
      const { resourceVersion, uid } = object.metadata
      return mergePatch(pathOf(keyOf(object)), { metadata: { finalizers, resourceVersion, uid } }, options)
    },
    apply(object, options) {
      return transport.request<T>({
        method: 'PATCH',
        path: pathOf(keyOf(object), options?.subresource),
        query: { fieldManager, force: true },
        body: { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind },
        contentType: 'application/apply-patch+yaml',
        ...limits(options),
      })
    },
    async delete(key, options) {
      try {
        await transport.request({
          method: 'DELETE',
          path: pathOf(key),
          body: {
            apiVersion: 'v1',
            kind: 'DeleteOptions',
            propagationPolicy: options?.propagation ?? 'Background',
            ...(options?.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
          },
          ...limits(options),
        })
        return 'deleted'
      } catch (error) {
        if (isNotFound(error)) return 'gone'
        throw error
      }
    },
  }
}
