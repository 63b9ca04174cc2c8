import type { KubeObject } from '../object/kube-object.ts'

/** An entry of the fake's history, as a watch gives it. */
export interface FakeEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly collection: string
  readonly object: KubeObject
  readonly resourceVersion: number
}

/** The fake's objects by collection path and name, with the history that watches replay. */
export interface FakeStorage {
  readonly resourceVersion: number
  list(collection: string): KubeObject[]
  get(collection: string, name: string): KubeObject | undefined
  put(collection: string, object: KubeObject): KubeObject
  remove(collection: string, name: string): KubeObject | undefined
  /** The events after a version; undefined when the history no longer reaches back to it. */
  eventsSince(resourceVersion: number): FakeEvent[] | undefined
  /** Forgets the history, so that every version before now is gone. */
  compact(): void
  subscribe(listener: (event: FakeEvent) => void): () => void
}

/** An empty storage whose versions soon grow from four digits to five, where comparing them as text would fail. */
export function createFakeStorage(): FakeStorage {
  const collections = new Map<string, Map<string, KubeObject>>()
  const listeners = new Set<(event: FakeEvent) => void>()
  let history: FakeEvent[] = []
  let resourceVersion = 9_990
  let compactedAt = 0
  let uids = 0

  function note(type: FakeEvent['type'], collection: string, object: KubeObject): void {
    const event = { type, collection, object, resourceVersion }
    history.push(event)
    for (const listener of [...listeners]) listener(event)
  }

  return {
    get resourceVersion() {
      return resourceVersion
    },
    list(collection) {
      const found = [...collections].filter(([path]) => isWithin(collection, path))
      return found.flatMap(([, objects]) => [...objects.values()])
    },
    get: (collection, name) => collections.get(collection)?.get(name),
    put(collection, object) {
      const objects = collections.get(collection) ?? new Map<string, KubeObject>()
      collections.set(collection, objects)
      const existing = objects.get(object.metadata.name)
      resourceVersion++
      const stored = structuredClone(object)
      const uid = existing?.metadata.uid ?? `uid-${++uids}`
      stored.metadata = { ...stored.metadata, uid, resourceVersion: String(resourceVersion) }
      objects.set(stored.metadata.name, stored)
      note(existing === undefined ? 'ADDED' : 'MODIFIED', collection, stored)
      return stored
    },
    remove(collection, name) {
      const existing = collections.get(collection)?.get(name)
      if (existing === undefined) return undefined
      collections.get(collection)?.delete(name)
      resourceVersion++
      const last = structuredClone(existing)
      last.metadata.resourceVersion = String(resourceVersion)
      note('DELETED', collection, last)
      return last
    },
    eventsSince(version) {
      if (version < compactedAt) return undefined
      return history.filter((event) => event.resourceVersion > version)
    },
    compact() {
      compactedAt = resourceVersion
      history = []
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Whether a list or watch of a collection, perhaps over all namespaces, sees what is stored under `path`. */
export function isWithin(collection: string, path: string): boolean {
  if (collection === path) return true
  const cut = collection.lastIndexOf('/')
  return path.startsWith(`${collection.slice(0, cut)}/namespaces/`) && path.endsWith(collection.slice(cut))
}
