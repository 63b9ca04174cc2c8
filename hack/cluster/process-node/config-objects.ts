import { type KubeApi, KubeApiError } from './kube-api.ts'
import { watchObjects } from './object-watch.ts'
import type { ConfigObject } from './pod-types.ts'

export type ConfigKind = 'configmaps' | 'secrets'

/** The config maps and secrets that pods refer to. */
export interface ConfigObjects {
  /** The object as it is now, undefined if there is none. Throws when the API server cannot be asked. */
  read(kind: ConfigKind, namespace: string, name: string, signal: AbortSignal): Promise<ConfigObject | undefined>
  /** Calls the listener at every change of the object, its creation and removal included; gives the function that ends it. */
  follow(kind: ConfigKind, namespace: string, name: string, listener: () => void): () => void
}

/** Reads objects afresh and follows them with one watch per object, however many pods refer to it. */
export function openConfigObjects(api: KubeApi, signal: AbortSignal): ConfigObjects {
  const followed = new Map<string, { listeners: Set<() => void>; stop: AbortController }>()

  return {
    async read(kind, namespace, name, readSignal) {
      try {
        return await api.call<ConfigObject>('GET', `/api/v1/namespaces/${namespace}/${kind}/${name}`, {
          signal: readSignal,
        })
      } catch (error) {
        if (error instanceof KubeApiError && error.status === 404) return undefined
        throw error
      }
    },
    follow(kind, namespace, name, listener) {
      const path = `/api/v1/namespaces/${namespace}/${kind}`
      const key = `${path}/${name}`
      let entry = followed.get(key)
      // A watch that runs already does not list again; its new follower may have read what was before the last event.
      if (entry !== undefined) queueMicrotask(listener)
      else {
        entry = { listeners: new Set(), stop: new AbortController() }
        followed.set(key, entry)
        const { listeners, stop } = entry
        const notify = (): void => {
          for (const each of [...listeners]) each()
        }
        void watchObjects<ConfigObject>(
          api,
          path,
          { fieldSelector: `metadata.name=${name}` },
          { listed: notify, changed: notify, removed: notify },
          AbortSignal.any([signal, stop.signal]),
        )
      }
      const { listeners, stop } = entry
      // A function of its own for each caller, so that two followers with the same listener do not end each other.
      const own = (): void => listener()
      listeners.add(own)
      return () => {
        listeners.delete(own)
        if (listeners.size > 0 || stop.signal.aborted) return
        stop.abort()
        followed.delete(key)
      }
    },
  }
}
