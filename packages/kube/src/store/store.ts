import { type KubeObject, keyOf, type ObjectKey } from '../object/kube-object.ts'
import { compareResourceVersions } from '../object/resource-version.ts'
import { deepFreeze } from './deep-freeze.ts'

/** A change of the cache. Objects are frozen. */
export type StoreEvent<T> =
  | { readonly type: 'Added'; readonly key: ObjectKey; readonly object: T }
  | { readonly type: 'Updated'; readonly key: ObjectKey; readonly object: T; readonly previous: T }
  | { readonly type: 'Deleted'; readonly key: ObjectKey; readonly object: T }

export type StoreListener<T> = (event: StoreEvent<T>) => void

/** The values an object is found by in an index. */
export type IndexFunction<T> = (object: T) => readonly string[]

/** Reads of a cache of the cluster's objects. Objects are frozen and carry no managedFields. */
export interface Store<T extends KubeObject = KubeObject> {
  get(key: ObjectKey): T | undefined
  /** Every object, or those of one namespace, in no order. */
  list(namespace?: string): readonly T[]
  /** The objects an index has under a value; throws when there is no such index. */
  byIndex(index: string, value: string): readonly T[]
  readonly size: number
  /** Whether the first complete list has arrived. */
  readonly synced: boolean
  /** Up to where the cache has seen the server's history; undefined before the first list. */
  readonly resourceVersion: string | undefined
  /** When the server was last heard of, in milliseconds since the epoch; undefined before the first answer. */
  readonly lastContactMs: number | undefined
  /** Calls back for every change from now on; returns what ends it. A listener that throws disturbs nobody else. */
  subscribe(listener: StoreListener<T>): () => void
  /** Resolves at the first complete list; rejects with the signal's reason. */
  whenSynced(signal?: AbortSignal): Promise<void>
}

/** The side of a store that its reflector writes to. */
export interface StoreWriter<T extends KubeObject> {
  /** Takes a complete list; what is not in it is deleted. */
  replace(objects: readonly T[], resourceVersion: string): void
  apply(object: T): void
  remove(object: T): void
  /** The server said how far its history is (a bookmark). */
  advance(resourceVersion: string): void
  contact(atMs: number): void
}

export interface StoreOptions<T> {
  /** Named indexes over namespace-independent values. */
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>
  /** Told when a listener or an index function throws. */
  readonly onError?: (error: unknown) => void
}

/** An empty store and the handle that fills it. */
export function createStore<T extends KubeObject>(
  options: StoreOptions<T> = {},
): { store: Store<T>; writer: StoreWriter<T> } {
  const objects = new Map<ObjectKey, T>()
  const indexes = new Map<string, Map<string, Set<ObjectKey>>>()
  for (const name of Object.keys(options.indexes ?? {})) indexes.set(name, new Map())
  const listeners = new Set<StoreListener<T>>()
  const waiters = new Set<() => void>()
  let synced = false
  let position: string | undefined
  let lastContactMs: number | undefined

  function guarded<R>(action: () => R, otherwise: R): R {
    try {
      return action()
    } catch (error) {
      options.onError?.(error)
      return otherwise
    }
  }

  function index(object: T, key: ObjectKey, change: 'add' | 'delete'): void {
    for (const [name, valuesOf] of Object.entries(options.indexes ?? {})) {
      const byValue = indexes.get(name)
      for (const value of guarded(() => valuesOf(object), [])) {
        const keys = byValue?.get(value) ?? new Set()
        keys[change](key)
        if (keys.size === 0) byValue?.delete(value)
        else byValue?.set(value, keys)
      }
    }
  }

  function put(object: T): void {
    const key = keyOf(object)
    const previous = objects.get(key)
    if (previous !== undefined && isOlder(object, previous)) return
    const frozen = deepFreeze(withoutManagedFields(object))
    if (previous !== undefined) index(previous, key, 'delete')
    objects.set(key, frozen)
    index(frozen, key, 'add')
    if (previous === undefined) {
      notify({ type: 'Added', key, object: frozen })
    } else if (previous.metadata.uid !== frozen.metadata.uid) {
      // Deleted and made again while nobody looked: two objects, and whoever cleans up must hear of the first one's end.
      notify({ type: 'Deleted', key, object: previous })
      notify({ type: 'Added', key, object: frozen })
    } else if (previous.metadata.resourceVersion !== frozen.metadata.resourceVersion) {
      notify({ type: 'Updated', key, object: frozen, previous })
    }
  }

  function drop(key: ObjectKey, last: T): void {
    const previous = objects.get(key)
    if (previous === undefined) return
    objects.delete(key)
    index(previous, key, 'delete')
    notify({ type: 'Deleted', key, object: deepFreeze(withoutManagedFields(last)) })
  }

  function notify(event: StoreEvent<T>): void {
    for (const listener of [...listeners]) guarded(() => listener(event), undefined)
  }

  function moveTo(resourceVersion: string | undefined): void {
    if (resourceVersion === undefined) return
    if (position !== undefined && compareResourceVersions(resourceVersion, position) === -1) return
    position = resourceVersion
  }

  const store: Store<T> = {
    get: (key) => objects.get(key),
    list(namespace) {
      const all = [...objects.values()]
      return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace)
    },
    byIndex(name, value) {
      const byValue = indexes.get(name)
      if (byValue === undefined) throw new Error(`the store has no index ${name}`)
      const found = [...(byValue.get(value) ?? [])].map((key) => objects.get(key))
      return found.filter((object) => object !== undefined)
    },
    get size() {
      return objects.size
    },
    get synced() {
      return synced
    },
    get resourceVersion() {
      return position
    },
    get lastContactMs() {
      return lastContactMs
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    whenSynced(signal) {
      if (synced) return Promise.resolve()
      return new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason)
          return
        }
        function onSynced(): void {
          signal?.removeEventListener('abort', onAbort)
          waiters.delete(onSynced)
          resolve()
        }
        function onAbort(): void {
          waiters.delete(onSynced)
          reject(signal?.reason)
        }
        waiters.add(onSynced)
        signal?.addEventListener('abort', onAbort, { once: true })
      })
    },
  }

  const writer: StoreWriter<T> = {
    replace(list, resourceVersion) {
      const listed = new Set(list.map(keyOf))
      // The position goes first: a listener that asks how far the cache is must see the list's own version. A list may
      // lie before the position when the server was restored from a backup, so it is taken as it is.
      position = resourceVersion
      for (const [key, object] of [...objects]) if (!listed.has(key)) drop(key, object)
      for (const object of list) {
        const held = objects.get(keyOf(object))
        if (held !== undefined && isOlder(object, held)) drop(keyOf(object), held)
        put(object)
      }
      synced = true
      for (const waiter of [...waiters]) waiter()
    },
    apply(object) {
      moveTo(object.metadata.resourceVersion)
      put(object)
    },
    remove(object) {
      moveTo(object.metadata.resourceVersion)
      const key = keyOf(object)
      const held = objects.get(key)
      // A late deletion must not take away the object that has the name now.
      if (held === undefined || held.metadata.uid !== object.metadata.uid) return
      drop(key, object)
    },
    advance: moveTo,
    contact(atMs) {
      lastContactMs = atMs
    },
  }
  return { store, writer }
}

function isOlder(object: KubeObject, than: KubeObject): boolean {
  if (object.metadata.uid !== than.metadata.uid) return false
  const [a, b] = [object.metadata.resourceVersion, than.metadata.resourceVersion]
  return a !== undefined && b !== undefined && compareResourceVersions(a, b) === -1
}

function withoutManagedFields<T extends KubeObject>(object: T): T {
  if (!('managedFields' in object.metadata)) return object
  const { managedFields: _dropped, ...metadata } = object.metadata
  return { ...object, metadata }
}
