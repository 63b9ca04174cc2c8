import type { KubeObject, ObjectKey } from '../object/kube-object.ts'
import { keyOf, objectKey } from '../object/kube-object.ts'
import type { Priority } from '../queue/work-queue.ts'
import type { Store, StoreEvent } from '../store/store.ts'

/** Where a controller's keys come from. */
export interface Source {
  /** Starts giving keys, those of what is there already first; returns what ends it. */
  connect(enqueue: (key: ObjectKey, priority: Priority) => void): () => void
  /** Every key of what is there now, for a resync. */
  keys(): readonly ObjectKey[]
}

/** Which keys a change concerns; by default the object's own. Returning none ignores the change. */
export type KeyMapper<T> = (event: StoreEvent<T>) => readonly ObjectKey[]

/** The changes of a store, as keys. What the store held before comes in the background. */
export function sourceOf<T extends KubeObject>(store: Store<T>, toKeys: KeyMapper<T> = ownKey): Source {
  function keysNow(): readonly ObjectKey[] {
    return store.list().flatMap((object) => toKeys({ type: 'Added', key: keyOf(object), object }))
  }
  return {
    connect(enqueue) {
      const disconnect = store.subscribe((event) => {
        for (const key of toKeys(event)) enqueue(key, 'fresh')
      })
      for (const key of keysNow()) enqueue(key, 'background')
      return disconnect
    },
    keys: keysNow,
  }
}

/** Maps an object to the object of the given kind that controls it. */
export function controllerOwner<T extends KubeObject>(apiGroup: string, kind: string): KeyMapper<T> {
  return ({ object }) => {
    const owner = object.metadata.ownerReferences?.find((reference) => reference.controller === true)
    if (owner === undefined || owner.kind !== kind || groupOf(owner.apiVersion) !== apiGroup) return []
    return [objectKey(object.metadata.namespace, owner.name)]
  }
}

/** Keys that are pushed from outside the cluster, such as a notification of a database. */
export interface PushSource extends Source {
  push(key: ObjectKey): void
}

/** A source that gives the keys pushed into it; what is pushed while nobody is connected is dropped. */
export function createPushSource(): PushSource {
  const listeners = new Set<(key: ObjectKey, priority: Priority) => void>()
  return {
    push(key) {
      for (const listener of listeners) listener(key, 'fresh')
    },
    connect(enqueue) {
      listeners.add(enqueue)
      return () => listeners.delete(enqueue)
    },
    keys: () => [],
  }
}

function ownKey<T>(event: StoreEvent<T>): readonly ObjectKey[] {
  return [event.key]
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}
