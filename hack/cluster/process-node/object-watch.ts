import { setTimeout as delay } from 'node:timers/promises'
import { type KubeApi, KubeApiError } from './kube-api.ts'
import type { ObjectMeta } from './pod-types.ts'

interface Listed<T> {
  metadata: { resourceVersion: string }
  items: T[]
}

/** What a watch tells. */
export interface WatchListener<T> {
  /** All objects, after each list. */
  listed(objects: T[]): void
  changed(object: T): void
  removed(object: T): void
}

/**
 * Lists and watches a collection until the signal, listing again when the API server has forgotten where we were and
 * reconnecting with a growing pause after failures. Never throws; resolves when the signal fires.
 */
export async function watchObjects<T extends { metadata: ObjectMeta }>(
  api: KubeApi,
  path: string,
  query: Record<string, string>,
  listener: WatchListener<T>,
  signal: AbortSignal,
): Promise<void> {
  let version: string | undefined
  let pauseMs = 0
  while (!signal.aborted) {
    try {
      if (version === undefined) {
        const list = await api.call<Listed<T>>('GET', `${path}?${new URLSearchParams(query)}`, { signal })
        version = list.metadata.resourceVersion
        listener.listed(list.items)
      }
      const timeoutSeconds = String(240 + Math.floor(Math.random() * 50))
      const watchQuery = new URLSearchParams({
        ...query,
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: version,
        timeoutSeconds,
      })
      for await (const event of api.watch<T>(`${path}?${watchQuery}`, signal)) {
        if (event.type === 'ERROR') throw watchError(event.object)
        version = event.object.metadata.resourceVersion ?? version
        if (event.type === 'DELETED') listener.removed(event.object)
        else if (event.type !== 'BOOKMARK') listener.changed(event.object)
        pauseMs = 0
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof KubeApiError && error.status === 410) version = undefined
      pauseMs = Math.min(5_000, Math.max(50, pauseMs * 2))
      await delay(pauseMs, undefined, { signal }).catch(() => {})
    }
  }
}

function watchError(object: unknown): KubeApiError {
  const status = object as { code?: number; reason?: string; message?: string }
  return new KubeApiError(status.code ?? 500, status.reason ?? '', status.message ?? 'the watch failed')
}
