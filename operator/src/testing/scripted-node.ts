import type { KubeObject, ResourceClient, Runtime } from '@amx/kube'
import type { ServerStore } from '@amx/store'
import * as resources from '../cluster/resources.ts'
import { testOf } from '../job/build-test-job.ts'
import { type IndexScript, runScriptedIndex } from './scripted-indexer.ts'
import { goodProfile, runScriptedTest, type TestScript } from './scripted-tester.ts'
import { runScriptedStage, stageOf, WorkerExit, type WorkerScript } from './scripted-worker.ts'

/** Stands for the kubelet: every pod of a Job of ours runs a scripted worker in this process. */
export interface ScriptedNode {
  /** Pods seen so far, by name. */
  readonly pods: ReadonlyMap<string, resources.PodObject>
  /** What the workers started from now on do. */
  script: WorkerScript
  /** What index pods started from now on do. */
  index: IndexScript
  /** What test pods started from now on do. */
  test: TestScript
  /** Pods that must not start, with the kubelet's words; asked once per pod. */
  refuse: (pod: resources.PodObject) => { reason: string; message: string } | null
  /** Lets pods that were refused start now. */
  retryRefused(): void
}

/** Follows the pods of one namespace in a runtime of the test's own. */
export function startScriptedNode(
  runtime: Runtime,
  namespace: string,
  store: ServerStore,
  script: WorkerScript,
  signal: AbortSignal,
): ScriptedNode {
  const client = runtime.resource<resources.PodObject>(resources.pods)
  const pods = new Map<string, resources.PodObject>()
  const refused = new Map<string, resources.PodObject>()
  const ends = new Map<string, AbortController>()
  const node: ScriptedNode = {
    pods,
    script,
    index: { documents: {}, revision: 'r1' },
    test: goodProfile,
    refuse: () => null,
    retryRefused() {
      for (const pod of refused.values()) void run(pod)
      refused.clear()
    },
  }

  async function setStatus(pod: KubeObject, status: object): Promise<void> {
    const key = `${namespace}/${pod.metadata.name}`
    await client.patchStatus(key, status, { signal }).catch((error: unknown) => {
      if (!signal.aborted && !isMissing(error)) throw error
    })
  }

  async function run(pod: resources.PodObject): Promise<void> {
    const ending = new AbortController()
    ends.set(pod.metadata.name, ending)
    await setStatus(pod, {
      phase: 'Running',
      conditions: [{ type: 'PodScheduled', status: 'True' }],
      containerStatuses: [containerStatus({ running: { startedAt: new Date().toISOString() } })],
    })
    try {
      const summary = await work(pod, AbortSignal.any([signal, ending.signal]))
      await end(pod, 0, JSON.stringify(summary))
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof WorkerExit) await end(pod, error.exitCode, error.words)
      else await end(pod, 1, error instanceof Error ? error.message : String(error))
    }
  }

  function work({ metadata: { name, labels = {} } }: resources.PodObject, until: AbortSignal) {
    const sourceUid = labels['amx.dev/context-source-uid']
    if (sourceUid !== undefined) {
      return runScriptedIndex(store, { sourceUid, number: Number(labels['amx.dev/attempt']), holder: name }, node.index)
    }
    const profileUid = labels['amx.dev/profile-uid']
    const test = testOf(labels)
    if (profileUid !== undefined && test !== null) return runScriptedTest(store, { profileUid, ...test }, node.test)
    const worker = { runUid: labels['amx.dev/run-uid'] ?? '', stage: stageOf(labels), holder: name }
    return runScriptedStage(store, worker, node.script, until)
  }

  async function end(pod: resources.PodObject, exitCode: number, message: string): Promise<void> {
    const terminated = { exitCode, message, reason: exitCode === 0 ? 'Completed' : 'Error' }
    await setStatus(pod, {
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      containerStatuses: [containerStatus({ terminated: { ...terminated, finishedAt: new Date().toISOString() } })],
    })
  }

  async function seen(pod: resources.PodObject): Promise<void> {
    pods.set(pod.metadata.name, pod)
    const stuck = node.refuse(pod)
    if (stuck === null) return run(pod)
    refused.set(pod.metadata.name, pod)
    await setStatus(pod, { phase: 'Pending', containerStatuses: [containerStatus({ waiting: stuck })] })
  }

  for (const labelSelector of ['amx.dev/run-uid', 'amx.dev/context-source-uid', 'amx.dev/profile-uid']) {
    const { store: cache } = runtime.reflector<resources.PodObject>(resources.pods, { namespace, labelSelector })
    cache.subscribe((event) => {
      if (event.type === 'Added') void seen(event.object).catch(report)
      // A kubelet takes a pod away only when its containers have stopped; here nothing holds it.
      if (event.type === 'Updated' && event.object.metadata.deletionTimestamp !== undefined) {
        ends.get(event.object.metadata.name)?.abort()
        void remove(client, event.object).catch(report)
      }
    })
  }
  return node

  function report(error: unknown): void {
    if (!signal.aborted) console.error('the scripted node failed', error)
  }
}

async function remove(client: ResourceClient<resources.PodObject>, { metadata }: resources.PodObject): Promise<void> {
  await client.delete(`${metadata.namespace}/${metadata.name}`)
}

function containerStatus(state: object): object {
  return { name: 'worker', image: 'amx.dev/worker', imageID: '', ready: false, restartCount: 0, state }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'status' in error && error.status === 404
}
