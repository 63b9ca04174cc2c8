import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { deletePod } from './delete-pod.ts'
import type { KubeApi } from './kube-api.ts'
import type { LogQuery } from './log-query.ts'
import type { LogPlace } from './log-server.ts'
import { hasEnded, reportLostPod, wasTakenUp } from './lost-pods.ts'
import { watchObjects } from './object-watch.ts'
import type { Pod } from './pod-types.ts'
import { type PodWorker, type PodWorkerContext, startPodWorker } from './pod-worker.ts'

export interface NodePodsOptions {
  api: KubeApi
  nodeName: string
  folder: string
  context: Omit<PodWorkerContext, 'api' | 'nodeName' | 'podFolder' | 'logPath' | 'signal'>
  /** No new pods after it. */
  watchSignal: AbortSignal
  /** Ends everything at once. */
  signal: AbortSignal
}

/** All pods of the node. */
export interface NodePods {
  /** Resolves after the first list. */
  listed: Promise<void>
  findLog(namespace: string, pod: string, container: string, run: LogQuery['run']): LogPlace
  /** Why no port of a pod can be forwarded; null where it runs. */
  notForwardedBecause(namespace: string, pod: string): string | null
  /** Ends all pods; resolves when they have ended and their last status is written. */
  shutDown(graceMs: number): Promise<void>
}

interface KnownPod {
  pod: Pod
  worker?: PodWorker
}

/** Watches the pods of this node and runs one worker for each. */
export function startPods(options: NodePodsOptions): NodePods {
  const { api, nodeName, folder, signal } = options
  const known = new Map<string, KnownPod>()
  const firstList = Promise.withResolvers<void>()
  const logFolder = (pod: Pod): string =>
    join(folder, 'logs', `${pod.metadata.namespace}_${pod.metadata.name}_${pod.metadata.uid}`)
  const context: PodWorkerContext = {
    ...options.context,
    api,
    nodeName,
    signal,
    podFolder: (pod) => join(folder, 'pods', pod.metadata.uid),
    logPath: (pod, container, attempt) => join(logFolder(pod), container, `${attempt}.log`),
  }
  let age: 'starting' | 'settled' = 'starting'

  function take(pod: Pod): void {
    const { uid, deletionTimestamp } = pod.metadata
    const entry = known.get(uid)
    if (entry?.worker !== undefined) {
      entry.pod = pod
      entry.worker.update(pod)
      return
    }
    known.set(uid, { pod })
    if (hasEnded(pod)) {
      if (deletionTimestamp !== undefined) void deletePod(api, pod, signal)
      return
    }
    if (age === 'starting' && wasTakenUp(pod)) {
      report(pod)
      return
    }
    if (entry === undefined) known.set(uid, { pod, worker: startPodWorker(pod, context) })
  }

  function report(pod: Pod): void {
    reportLostPod(api, pod, signal).catch(() => {
      if (!signal.aborted) setTimeout(() => report(pod), 1_000).unref()
    })
  }

  function drop(uid: string): void {
    const entry = known.get(uid)
    if (entry === undefined) return
    known.delete(uid)
    entry.worker?.vanish()
    void (async () => {
      await entry.worker?.finished
      await rm(logFolder(entry.pod), { recursive: true, force: true })
    })().catch(() => {})
  }

  void watchObjects<Pod>(
    api,
    '/api/v1/pods',
    { fieldSelector: `spec.nodeName=${nodeName}` },
    {
      listed(pods) {
        const present = new Set(pods.map(({ metadata }) => metadata.uid))
        for (const uid of known.keys()) if (!present.has(uid)) drop(uid)
        for (const pod of pods) take(pod)
        if (age === 'starting') void removeStrayLogs(join(folder, 'logs'), new Set(pods.map(logFolder)))
        age = 'settled'
        firstList.resolve()
      },
      changed: take,
      removed(pod) {
        drop(pod.metadata.uid)
      },
    },
    AbortSignal.any([options.watchSignal, signal]),
  )

  return {
    listed: firstList.promise,
    findLog(namespace, name, container, run) {
      const entries = [...known.values()].filter(
        ({ pod }) => pod.metadata.namespace === namespace && pod.metadata.name === name,
      )
      const entry = entries.at(-1)
      if (entry === undefined) return { status: 404, problem: `pod "${namespace}/${name}" is not on this node` }
      return logPlace(entry, container, run, context)
    },
    notForwardedBecause(namespace, name) {
      const entry = [...known.values()].findLast(
        ({ pod }) => pod.metadata.namespace === namespace && pod.metadata.name === name,
      )
      if (entry === undefined) return `pod "${namespace}/${name}" is not on this node`
      const phase = entry.pod.status?.phase
      return phase === 'Running' ? null : `pod "${namespace}/${name}" does not run: it is ${phase ?? 'not begun'}`
    },
    async shutDown(graceMs) {
      const workers = [...known.values()].flatMap(({ worker }) => (worker === undefined ? [] : [worker]))
      for (const worker of workers) worker.shutDown(graceMs)
      await Promise.all(workers.map((worker) => worker.finished))
    },
  }
}

function logPlace(
  { pod, worker }: KnownPod,
  container: string,
  run: LogQuery['run'],
  context: PodWorkerContext,
): LogPlace {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]
  const status = statuses.find(({ name }) => name === container)
  const problem = worker?.withoutLog(container)
  if (problem !== undefined) return { status: 400, problem }
  const restarts = worker?.restarts(container) ?? status?.restartCount
  if (restarts === undefined) {
    return { status: 400, problem: `container ${container} is not valid for pod ${pod.metadata.name}` }
  }
  if (run === 'current') return { path: context.logPath(pod, container, restarts) }
  if (restarts === 0) {
    return {
      status: 400,
      problem: `previous terminated container "${container}" in pod "${pod.metadata.name}" not found`,
    }
  }
  return { path: context.logPath(pod, container, restarts - 1) }
}

async function removeStrayLogs(folder: string, wanted: ReadonlySet<string>): Promise<void> {
  const present = await readdir(folder).catch(() => [])
  const stray = present.map((name) => join(folder, name)).filter((path) => !wanted.has(path))
  await Promise.all(stray.map((path) => rm(path, { recursive: true, force: true })))
}
