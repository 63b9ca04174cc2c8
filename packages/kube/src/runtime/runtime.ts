import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { KubeConfig } from '@kubernetes/client-node'
import type { Registry } from 'prom-client'
import { type Clock, settledWithin, systemClock } from '../clock/clock.ts'
import { type Controller, type ControllerOptions, createController } from '../controller/controller.ts'
import { createEventRecorder, type EventRecorder } from '../events/event-recorder.ts'
import { type HealthServer, startHealthServer } from '../health/health-server.ts'
import { createLeaderElector, type LeaderElectionOptions } from '../leader/leader-elector.ts'
import { type Logger, silentLogger } from '../logger/logger.ts'
import { createRuntimeMetrics, type RuntimeMetrics } from '../metrics/runtime-metrics.ts'
import type { KubeObject, ResourceKind } from '../object/kube-object.ts'
import { createResourceClient, type ResourceClient } from '../patch/resource-client.ts'
import { createReflector, type Reflector, type ReflectorOptions } from '../reflector/reflector.ts'
import { createTransport, type Transport } from '../transport/transport.ts'

export interface RuntimeOptions {
  readonly kubeConfig: KubeConfig
  /** Names the controller in events, field managers and its user agent, such as `amx-operator`. */
  readonly name: string
  /** Unique among the replicas. @default the host's name and a random part */
  readonly identity?: string
  /** Controllers run only while this process holds the lease; without it they run at once. */
  readonly leaderElection?: Omit<LeaderElectionOptions, 'identity'> | undefined
  /** Where health and metrics are served; not at all when left out. */
  readonly health?: { readonly port: number; readonly host?: string } | undefined
  readonly logger?: Logger
  readonly registry?: Registry
  readonly clock?: Clock
  readonly random?: () => number
}

/** How a run ended. After `LeaseLost` the process should exit non-zero: another may be at work already. */
export type RuntimeEnd = { readonly reason: 'Stopped' } | { readonly reason: 'LeaseLost'; readonly message: string }

/** Reflectors, controllers, leader election, events, health and metrics of one process, wired together. */
export interface Runtime {
  readonly transport: Transport
  readonly metrics: RuntimeMetrics
  readonly events: EventRecorder
  readonly identity: string
  /** Keeps a cache of one kind of object from `run` on, whoever leads. */
  reflector<T extends KubeObject>(resource: ResourceKind, options?: ReflectorOptions<T>): Reflector<T>
  /** Runs a controller once every cache is filled and while this process leads. */
  controller(options: ControllerOptions): Controller
  /** Writes and uncached reads under this runtime's name. */
  resource<T extends KubeObject>(resource: ResourceKind): ResourceClient<T>
  /** Something else that must not run on two replicas; given a signal that ends with the leadership. */
  whileLeading(task: (signal: AbortSignal) => Promise<void>): void
  /** A further question to `/healthz` or `/readyz`: answers what is wrong. */
  check(kind: 'live' | 'ready', problems: () => readonly string[]): void
  /** The port of the health server, once it runs. */
  readonly healthPort: number | undefined
  readonly isLeading: boolean
  /**
   * Runs until the signal is aborted or the lease is lost, then brings everything to an end and closes what it opened.
   * Rejects only when the health port cannot be had. A runtime runs once.
   */
  run(signal: AbortSignal): Promise<RuntimeEnd>
}

// A watch says something at least every 68 s and is given up after 90 s; five minutes are several failed attempts.
const silentLimitMs = 5 * 60_000

// Longer than a controller's own grace, shorter than the 30 s that a pod is given to end.
const finishLimitMs = 15_000

/** Creates a runtime. Nothing is called or served before `run`. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const clock = options.clock ?? systemClock
  const logger = options.logger ?? silentLogger
  const identity = options.identity ?? `${hostname()}_${randomUUID().slice(0, 8)}`
  const metrics = createRuntimeMetrics(options.registry)
  const transport = createTransport(options.kubeConfig, { metrics, userAgent: options.name })
  const events = createEventRecorder({
    transport,
    metrics,
    logger,
    clock,
    reportingController: options.name,
    reportingInstance: identity,
  })
  const parts = {
    transport,
    metrics,
    logger,
    clock,
    ...(options.random === undefined ? {} : { random: options.random }),
  }
  const reflectors: Reflector[] = []
  const controllers: Controller[] = []
  const tasks: ((signal: AbortSignal) => Promise<void>)[] = []
  const checks = { live: [stuckReconciles, silentReflectors], ready: [unsyncedReflectors] } as Record<
    'live' | 'ready',
    (() => readonly string[])[]
  >
  let startedMs: number | undefined
  let health: HealthServer | undefined
  let leading: Promise<void> | undefined
  let isLeading = false

  function stuckReconciles(): readonly string[] {
    return controllers.flatMap((controller) =>
      controller.stuck().map(({ key, runningMs }) => `${controller.name}: ${key} is stuck since ${runningMs} ms`),
    )
  }

  function silentReflectors(): readonly string[] {
    if (startedMs === undefined) return []
    const sinceStartMs = startedMs
    return reflectors
      .filter(({ store }) => clock.now() - (store.lastContactMs ?? sinceStartMs) > silentLimitMs)
      .map(({ resource }) => `${resource.plural}: no contact with the API server for ${silentLimitMs} ms`)
  }

  function unsyncedReflectors(): readonly string[] {
    if (startedMs === undefined) return ['not started']
    return reflectors.filter(({ store }) => !store.synced).map(({ resource }) => `${resource.plural}: not listed yet`)
  }

  function assertNotStarted(what: string): void {
    if (startedMs !== undefined) throw new Error(`a ${what} must be added before the runtime runs`)
  }

  async function lead(signal: AbortSignal): Promise<void> {
    try {
      await Promise.all(reflectors.map(({ store }) => store.whenSynced(signal)))
    } catch {
      return
    }
    logger.info({ controllers: controllers.map(({ name }) => name) }, 'every cache is filled, the controllers start')
    await Promise.all([
      ...controllers.map((controller) => controller.run(signal)),
      ...tasks.map((task) =>
        task(signal).catch((error: unknown) => {
          if (!signal.aborted) logger.error({ err: error }, 'a task of the leader failed')
        }),
      ),
    ])
  }

  async function elect(signal: AbortSignal): Promise<RuntimeEnd> {
    const work = new AbortController()
    const finish = async (): Promise<void> => {
      isLeading = false
      work.abort()
      if (leading !== undefined) await settledWithin(leading, finishLimitMs, clock)
    }
    function start(): void {
      isLeading = true
      leading = lead(work.signal)
    }
    if (options.leaderElection === undefined) {
      start()
      await aborted(signal)
      await finish()
      return { reason: 'Stopped' }
    }
    const elector = createLeaderElector({ ...options.leaderElection, identity }, { transport, logger, metrics, clock })
    const end = await elector.run(signal, start, finish)
    // After a loss another may lead already: the work is told to stop, but the exit does not wait for it.
    isLeading = false
    work.abort()
    return end
  }

  return {
    transport,
    metrics,
    events,
    identity,
    reflector<T extends KubeObject>(resource: ResourceKind, reflectorOptions?: ReflectorOptions<T>): Reflector<T> {
      assertNotStarted('reflector')
      const reflector = createReflector<T>(resource, parts, reflectorOptions)
      reflectors.push(reflector as unknown as Reflector)
      return reflector
    },
    controller(controllerOptions) {
      assertNotStarted('controller')
      const controller = createController(controllerOptions, parts)
      controllers.push(controller)
      return controller
    },
    resource: (resource) => createResourceClient(transport, resource, options.name),
    whileLeading(task) {
      assertNotStarted('task')
      tasks.push(task)
    },
    check(kind, problems) {
      checks[kind].push(problems)
    },
    get healthPort() {
      return health?.port
    },
    get isLeading() {
      return isLeading
    },
    async run(signal) {
      if (startedMs !== undefined) throw new Error('a runtime runs once')
      startedMs = clock.now()
      if (options.health !== undefined) {
        health = await startHealthServer({
          ...options.health,
          live: () => checks.live.flatMap((check) => check()),
          ready: () => checks.ready.flatMap((check) => check()),
          metrics,
        })
      }
      const caches = new AbortController()
      const reflecting = Promise.all(reflectors.map((reflector) => reflector.run(caches.signal)))
      const end = await elect(signal)
      caches.abort()
      // Who has lost the lease must not write another word, not even to say so.
      await events.close(end.reason === 'LeaseLost' ? 0 : undefined)
      await reflecting
      await transport.close()
      await health?.close()
      return end
    },
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
