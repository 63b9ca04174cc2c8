import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConfigObjects } from './config-objects.ts'
import { MissingReferenceError } from './container-environment.ts'
import { type LaunchedContainer, launchContainer } from './container-launch.ts'
import { probeContainer } from './container-probes.ts'
import { creationFailure } from './creation-failure.ts'
import { deletePod } from './delete-pod.ts'
import type { ImageCommands } from './image-command.ts'
import type { KubeApi } from './kube-api.ts'
import { podEventRecorder } from './pod-events.ts'
import { type BackOffOptions, podPlan } from './pod-plan.ts'
import { acceptedPod, isActive, nextWakeMs } from './pod-state.ts'
import { podStatus } from './pod-status.ts'
import { type PodAction, type PodInput, stepPod } from './pod-step.ts'
import type { Container, Pod } from './pod-types.ts'
import { openPodVolumes, referredObjects } from './pod-volumes.ts'
import { runPreStop } from './pre-stop.ts'
import type { ProcessLedger } from './process-ledger.ts'
import { requestToken } from './service-account-token.ts'
import { openStatusWriter } from './status-writer.ts'
import { keepVolumes } from './volume-upkeep.ts'

/** What all pods of a node share. */
export interface PodWorkerContext {
  api: KubeApi
  objects: ConfigObjects
  ledger: ProcessLedger
  images: ImageCommands
  nodeName: string
  checkout: string
  backOff: BackOffOptions
  /** Where a pod's volumes and containers are; the folder is the pod's own. */
  podFolder(pod: Pod): string
  logPath(pod: Pod, container: string, attempt: number): string
  signal: AbortSignal
}

/** One pod on this node. */
export interface PodWorker {
  /** The object has changed. */
  update(pod: Pod): void
  /** The object is gone: everything is killed. */
  vanish(): void
  /** The node stops: everything ends within the grace period. */
  shutDown(graceMs: number): void
  /** The run of a container that is shown as current: how many there were before it. */
  restarts(container: string): number
  /** Why a container has no log yet; undefined when it has one. */
  withoutLog(container: string): string | undefined
  /** Resolves when all processes have ended and the last status is written. */
  finished: Promise<void>
}

/** Runs a pod: the I/O around the pure steps of `stepPod`. */
export function startPodWorker(accepted: Pod, context: PodWorkerContext): PodWorker {
  const { api, objects, signal } = context
  const folder = context.podFolder(accepted)
  const plan = podPlan(accepted, context.backOff)
  const over = new AbortController()
  const podSignal = AbortSignal.any([signal, over.signal])
  const volumes = openPodVolumes({
    folder: join(folder, 'volumes'),
    objects,
    issueToken: (pod, source, tokenSignal) => requestToken(api, pod, source, tokenSignal),
  })
  const record = podEventRecorder(api, accepted, context.nodeName, signal)
  const writer = openStatusWriter(api, accepted, signal)
  const running = new Map<string, { launched: LaunchedContainer; probes: AbortController }>()
  const unfollow: (() => void)[] = []
  const finished = Promise.withResolvers<void>()
  let pod = accepted
  let state = acceptedPod(plan, Date.now())
  let timer: NodeJS.Timeout | undefined
  let presence: 'present' | 'vanished' = 'present'
  let deleting = false

  function dispatch(input: PodInput): void {
    const before = state
    const step = stepPod(plan, before, input, Date.now())
    state = step.state
    for (const action of step.actions) run(action)
    scheduleTick()
    if (presence === 'present') writer.write(podStatus(pod, plan, state))
    if (state.stage.name === 'finished') void afterFinish()
  }

  function scheduleTick(): void {
    clearTimeout(timer)
    const atMs = nextWakeMs(plan, state)
    if (atMs === undefined || state.stage.name === 'finished') return
    timer = setTimeout(() => dispatch({ type: 'tick' }), Math.min(2 ** 31 - 1, Math.max(0, atMs - Date.now())))
  }

  function run(action: PodAction): void {
    switch (action.type) {
      case 'prepareVolumes':
        upkeep.refresh()
        return
      case 'start':
        void start(action.container, action.attempt)
        return
      case 'stop':
        record('Normal', 'Killing', `Stopping container ${action.container}`)
        void stop(action.container, action.graceMs)
        return
      case 'kill':
        running.get(action.container)?.launched.process.kill()
        return
      case 'backOff':
        record('Warning', 'BackOff', `Back-off restarting failed container ${action.container}`)
        return
      case 'finish':
        return
    }
  }

  const upkeep = keepVolumes({
    write: () => volumes.write(pod, podSignal),
    renewAtMs: volumes.renewAtMs,
    wanted: () => isActive(state) && !podSignal.aborted,
    written() {
      if (state.stage.name === 'preparing') dispatch({ type: 'volumesReady' })
    },
    failed(error) {
      const message = textOf(error)
      record('Warning', 'FailedMount', message)
      if (state.stage.name === 'preparing') dispatch({ type: 'volumesFailed', message })
      followReferences()
      // What is not there yet is announced by the watch; anything else (the API server, the disk) is tried again.
      return error instanceof MissingReferenceError ? undefined : 1_000
    },
  })

  /** Watches what the pod refers to; called when the first container runs or when something is missing. */
  function followReferences(): void {
    if (unfollow.length > 0 || podSignal.aborted || !isActive(state)) return
    for (const { kind, name } of referredObjects(pod)) {
      unfollow.push(objects.follow(kind, pod.metadata.namespace, name, referencesChanged))
    }
  }

  function referencesChanged(): void {
    if (!isActive(state)) return
    const { stage } = state
    dispatch({ type: 'referencesChanged' })
    if (stage.name !== 'preparing') upkeep.refresh()
  }

  async function start(name: string, attempt: number): Promise<void> {
    const container = containerNamed(pod, name)
    const startedAtMs = Date.now()
    const logPath = context.logPath(pod, name, attempt)
    try {
      // Only the run before the present one can be asked for.
      if (attempt > 1) await rm(context.logPath(pod, name, attempt - 2), { force: true })
      const launched = await launchContainer({
        pod,
        container,
        attempt,
        volumes,
        read: (kind, object) => objects.read(kind, pod.metadata.namespace, object, podSignal),
        images: context.images,
        folder: join(folder, 'containers', name),
        checkout: context.checkout,
        logPath,
        ledger: context.ledger,
        api,
      })
      const probes = new AbortController()
      running.set(name, { launched, probes })
      dispatch({ type: 'started', container: name, containerId: launched.containerId })
      record('Normal', 'Started', `Started container ${name}`)
      followReferences()
      void probeContainer({
        container,
        launched,
        record,
        report: (kind, outcome) => dispatch({ type: 'probed', container: name, probe: kind, outcome }),
        signal: probes.signal,
      })
      const ended = await launched.ended
      probes.abort()
      running.delete(name)
      dispatch({
        type: 'exited',
        container: name,
        termination: {
          exitCode: ended.exitCode,
          ...(ended.signal === undefined ? {} : { signal: ended.signal }),
          reason: ended.exitCode === 0 ? 'Completed' : 'Error',
          ...(ended.message === '' ? {} : { message: ended.message }),
          startedAtMs,
          finishedAtMs: Date.now(),
          containerId: launched.containerId,
        },
      })
    } catch (error) {
      startFailed(name, startedAtMs, error)
    }
  }

  function startFailed(name: string, startedAtMs: number, error: unknown): void {
    const message = textOf(error)
    const failure = creationFailure(error)
    if (!podSignal.aborted) record('Warning', 'Failed', `Error: ${message}`)
    if (failure === undefined) {
      const times = { startedAtMs, finishedAtMs: Date.now() }
      const termination = { exitCode: 128, reason: 'StartError', message, ...times } as const
      dispatch({ type: 'exited', container: name, termination })
      return
    }
    dispatch({ type: 'createFailed', container: name, message, ...failure })
    if (failure.reason === 'CreateContainerConfigError') followReferences()
  }

  async function stop(name: string, graceMs: number): Promise<void> {
    const entry = running.get(name)
    if (entry === undefined) return
    entry.probes.abort()
    if (graceMs > 0) await runPreStop(containerNamed(pod, name), entry.launched, graceMs, record)
    entry.launched.process.terminate()
  }

  async function afterFinish(): Promise<void> {
    clearTimeout(timer)
    for (const end of unfollow.splice(0)) end()
    if (presence === 'present') await writer.settled()
    if (state.deletion === 'requested' && !deleting && presence === 'present') {
      deleting = true
      await deletePod(api, pod, signal)
    }
    over.abort()
    await upkeep.end()
    await rm(folder, { recursive: true, force: true }).catch(() => {})
    finished.resolve()
  }

  async function begin(): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    dispatch({ type: 'accepted' })
    worker.update(pod)
  }

  const worker: PodWorker = {
    update(changed) {
      const labelsChanged = JSON.stringify(podWords(pod)) !== JSON.stringify(podWords(changed))
      pod = changed
      if (labelsChanged && state.stage.name !== 'preparing' && isActive(state)) upkeep.refresh()
      if (pod.metadata.deletionTimestamp === undefined) return
      const graceMs = (pod.metadata.deletionGracePeriodSeconds ?? plan.graceMs / 1_000) * 1_000
      dispatch({ type: 'terminate', cause: 'deleted', graceMs })
    },
    vanish() {
      presence = 'vanished'
      dispatch({ type: 'vanished' })
    },
    shutDown(graceMs) {
      dispatch({ type: 'terminate', cause: 'shutdown', graceMs: Math.min(graceMs, plan.graceMs) })
    },
    restarts(container) {
      return state.containers[container]?.restarts ?? 0
    },
    withoutLog(container) {
      const current = state.containers[container]
      if (current === undefined) return `container ${container} is not valid for pod ${pod.metadata.name}`
      if (current.last !== undefined || !['waiting', 'creating'].includes(current.state.name)) return undefined
      const reason = current.state.name === 'waiting' ? current.state.reason : 'ContainerCreating'
      return `container "${container}" in pod "${pod.metadata.name}" is waiting to start: ${reason}`
    },
    finished: finished.promise,
  }
  void begin()
  return worker
}

/** What of a pod can change and shows in a downward API volume. */
function podWords(pod: Pod): object {
  return [pod.metadata.labels ?? {}, pod.metadata.annotations ?? {}]
}

function containerNamed(pod: Pod, name: string): Container {
  const container = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((each) => each.name === name)
  if (container === undefined) throw new Error(`pod ${pod.metadata.name} has no container ${name}`)
  return container
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
