import type { KubeObject, ObjectKey } from '../object/kube-object.ts'
import { compareResourceVersions } from '../object/resource-version.ts'
import type { Store } from '../store/store.ts'

/** What a reconcile has written that the caches it reads from may not show yet. */
export interface Freshness {
  /** Notes a write made on behalf of a key into what the store caches, with the resource version the server answered. */
  wrote(key: ObjectKey, store: Store, resourceVersion: string | undefined): void
  /** Whether a cache is still older than a write noted for the key; a write that shows is forgotten. */
  isStale(key: ObjectKey): boolean
  forget(key: ObjectKey): void
  readonly size: number
}

/**
 * Keeps a reconcile from deciding on a cache that is older than its own last write. Resource versions grow over all
 * objects of a resource, so a cache that has seen the history up to a write has seen the write, be the object changed
 * again or deleted since. Versions without an order (servers before 1.35 promise none) are taken as fresh.
 */
export function createFreshness(): Freshness {
  const writes = new Map<ObjectKey, Map<Store, string>>()

  return {
    wrote(key, store, resourceVersion) {
      if (resourceVersion === undefined) return
      const byStore = writes.get(key) ?? new Map<Store, string>()
      writes.set(key, byStore)
      const known = byStore.get(store)
      if (known === undefined || compareResourceVersions(known, resourceVersion) === -1) {
        byStore.set(store, resourceVersion)
      }
    },
    isStale(key) {
      const byStore = writes.get(key)
      if (byStore === undefined) return false
      for (const [store, written] of byStore) {
        if (!isBehind(store, written)) byStore.delete(store)
      }
      if (byStore.size === 0) writes.delete(key)
      return byStore.size > 0
    },
    forget: (key) => writes.delete(key),
    get size() {
      return writes.size
    },
  }
}

function isBehind(store: Store<KubeObject>, written: string): boolean {
  const seen = store.resourceVersion
  return seen === undefined || compareResourceVersions(seen, written) === -1
}
