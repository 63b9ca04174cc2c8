import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  apiVersion,
  type Condition,
  type ContextSource,
  type DatabaseProfile,
  type LLMProfile,
  type MetadataRun,
  type MetadataSchedule,
  type ReviewDecision,
} from '@amx/api'
import { rigKubeConfigPath, startPostgres, testNamespace } from '@amx/hack'
import {
  createRuntime,
  type KubeObject,
  type Logger,
  MemoisedKubeConfig,
  type RequestOptions,
  type ResourceClient,
  type Runtime,
  type Transport,
} from '@amx/kube'
import { migrate, type OperatorStore, openOperatorStore, openServerStore, type ServerStore } from '@amx/store'
import { KubeConfig } from '@kubernetes/client-node'
import { AmxOperator } from '../amx-operator.ts'
import * as resources from '../cluster/resources.ts'
import { type ScriptedNode, startScriptedNode } from './scripted-node.ts'
import type { WorkerScript } from './scripted-worker.ts'

export const shopTables = {
  'shop.plant': ['id', 'name', 'price'],
  'shop.sale': ['id', 'plant_id', 'sold_at'],
} as const

/** Assets of {@link shopTables}: two tables with three columns each. */
export const shopAssets = 8

export interface OperatorWrite {
  readonly method: string
  readonly path: string
}

/** The operator on the test run's API server with a store of its own, and a node whose workers are scripted. */
export interface OperatorRig {
  readonly namespace: string
  readonly node: ScriptedNode
  readonly operatorStore: OperatorStore
  readonly serverStore: ServerStore
  readonly storeUrl: string
  readonly runs: ResourceClient<MetadataRun>
  readonly decisions: ResourceClient<ReviewDecision>
  readonly jobs: ResourceClient<resources.JobObject>
  readonly databaseProfiles: ResourceClient<DatabaseProfile>
  readonly llmProfiles: ResourceClient<LLMProfile>
  readonly contextSources: ResourceClient<ContextSource>
  readonly schedules: ResourceClient<MetadataSchedule>
  readonly runtime: Runtime
  /** Milliseconds the operator's clock is ahead. */
  skewMs: number
  /**
   * Has the operator die as soon as the API server took a write that matches: it neither hears of it nor says anything more. Resolves when
   * it is dead; {@link restartOperator} starts another.
   */
  dieAfter(matches: (write: OperatorWrite) => boolean): Promise<void>
  createProfiles(options?: { readonly writer?: 'none' }): Promise<void>
  createRun(name: string, spec?: Partial<MetadataRun['spec']>, labels?: Record<string, string>): Promise<MetadataRun>
  createSchedule(name: string, spec?: Partial<MetadataSchedule['spec']>): Promise<MetadataSchedule>
  schedule(name: string): Promise<MetadataSchedule>
  untilSchedule(name: string, wanted: (schedule: MetadataSchedule) => boolean): Promise<MetadataSchedule>
  /** Writes annotations of a schedule; the operator looks at it again. */
  annotate(schedule: string, annotations: Record<string, string>): Promise<void>
  runsOf(schedule: string): Promise<readonly MetadataRun[]>
  createSource(name: string, spec?: Partial<ContextSource['spec']>): Promise<ContextSource>
  source(name: string): Promise<ContextSource>
  untilSource(name: string, wanted: (source: ContextSource) => boolean): Promise<ContextSource>
  decide(run: MetadataRun, spec: Partial<ReviewDecision['spec']>, name?: string): Promise<ReviewDecision>
  run(name: string): Promise<MetadataRun>
  /** Waits until the run is as wanted; fails with the run's status after 30 s. */
  until(name: string, wanted: (run: MetadataRun) => boolean): Promise<MetadataRun>
  untilPhase(name: string, phase: NonNullable<MetadataRun['status']>['phase']): Promise<MetadataRun>
  untilDecided(name: string): Promise<ReviewDecision>
  jobsOf(run: MetadataRun): Promise<readonly resources.JobObject[]>
  /** Requests of the operator that changed something, since it was started. */
  writes(): Promise<number>
  /** Notes of the events about an object, oldest first, each after its type and reason. */
  eventsOf(object: KubeObject): Promise<readonly string[]>
  /** Ends the operator and starts another one, as after a crash of its process. */
  restartOperator(): Promise<void>
  stopPostgres(): Promise<void>
  startPostgres(): Promise<void>
  close(): Promise<void>
}

export async function startOperatorRig(script: Partial<WorkerScript> = {}): Promise<OperatorRig> {
  const namespace = await testNamespace({ prefix: 'operator' })
  const dataDir = mkdtempSync(join(tmpdir(), 'amx-operator-store-'))
  let postgres = await startPostgres({ dataDir })
  const storeUrl = postgres.url
  await migrate(storeUrl)
  const operatorStore = openOperatorStore({ url: storeUrl })
  const serverStore = openServerStore({ url: storeUrl })
  const closing = new AbortController()
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromFile(rigKubeConfigPath())

  const runtime = createRuntime({ kubeConfig: MemoisedKubeConfig.from(kubeConfig), name: 'operator-test' })
  const node = startScriptedNode(
    runtime,
    namespace,
    serverStore,
    { tables: shopTables, score: 0.9, ...script },
    closing.signal,
  )
  const running = runtime.run(closing.signal)
  const client = <T extends KubeObject>(kind: Parameters<Runtime['resource']>[0]) => runtime.resource<T>(kind)
  const runs = client<MetadataRun>(resources.runs)
  const decisions = client<ReviewDecision>(resources.decisions)
  const jobs = client<resources.JobObject>(resources.jobs)
  const databaseProfiles = client<DatabaseProfile>(resources.databaseProfiles)
  const llmProfiles = client<LLMProfile>(resources.llmProfiles)
  const contextSources = client<ContextSource>(resources.contextSources)
  const schedules = client<MetadataSchedule>(resources.schedules)

  let death: { matches(write: OperatorWrite): boolean; resolve(): void } | null = null

  async function startOperator(): Promise<{ runtime: Runtime; stop(): Promise<unknown> }> {
    const operatorRuntime = createRuntime({
      kubeConfig: MemoisedKubeConfig.from(kubeConfig),
      name: 'amx-operator',
      logger: testLogger,
    })
    const { transport } = operatorRuntime
    const request: Transport['request'] = transport.request.bind(transport)
    let isDead = false
    transport.request = async <T>(options: RequestOptions) => {
      const answer = isDead ? undefined : await request<T>(options)
      const { method = 'GET', path } = options
      if (answer !== undefined && method !== 'GET' && death?.matches({ method, path })) {
        isDead = true
        death.resolve()
        death = null
      }
      if (isDead || answer === undefined) throw new Error('this operator is dead')
      return answer
    }
    const operator = new AmxOperator({
      kubeConfig,
      runtime: operatorRuntime,
      logger: testLogger,
      store: operatorStore,
      setup: { image: 'amx.dev/worker:test', serverUrl: 'http://127.0.0.1:1' },
      operatorVersion: '0.1.0',
      watchNamespaces: [namespace],
      now: () => Date.now() + rig.skewMs,
    })
    await operator.start()
    return {
      runtime: operatorRuntime,
      async stop() {
        operator.stop()
        await operator.ended
      },
    }
  }

  const metadata = (name: string) => ({ name, namespace })
  const rig: OperatorRig = {
    namespace,
    node,
    operatorStore,
    serverStore,
    storeUrl,
    runs,
    decisions,
    jobs,
    databaseProfiles,
    llmProfiles,
    contextSources,
    schedules,
    runtime,
    skewMs: 0,
    async createProfiles({ writer } = {}) {
      await databaseProfiles.create({
        metadata: metadata('shop-db'),
        spec: {
          backend: 'PostgreSQL',
          postgresql: { host: 'warehouse', database: 'shop', tls: { mode: 'disable' } },
          readerSecretRef: { name: 'reader' },
          ...(writer === undefined && { writerSecretRef: { name: 'writer' } }),
        },
      } as unknown as DatabaseProfile)
      await llmProfiles.create({ metadata: metadata('model'), spec: { provider: 'BuiltIn' } } as unknown as LLMProfile)
    },
    createRun: async (name, spec = {}, labels = {}) => {
      const made = await runs.create({
        metadata: { ...metadata(name), labels },
        spec: {
          type: 'Analyze',
          targets: [{ databaseProfileRef: { name: 'shop-db' } }],
          llmProfileRef: { name: 'model' },
          ...spec,
        },
      } as unknown as MetadataRun)
      return made.object
    },
    createSchedule: async (name, spec = {}) => {
      const body = {
        metadata: metadata(name),
        spec: {
          runTemplate: {
            spec: {
              type: 'Analyze',
              targets: [{ databaseProfileRef: { name: 'shop-db' } }],
              llmProfileRef: { name: 'model' },
            },
          },
          ...spec,
        },
      }
      return (await schedules.create(body as unknown as MetadataSchedule)).object
    },
    schedule: (name) => schedules.get(`${namespace}/${name}`),
    untilSchedule: (name, wanted) => waitFor(() => schedules.get(`${namespace}/${name}`), wanted),
    async annotate(name, annotations) {
      await schedules.patch(`${namespace}/${name}`, { metadata: { annotations } })
    },
    async runsOf(name) {
      const list = await runtime.transport.request<{ items: MetadataRun[] }>({
        path: `/apis/amx.dev/v1alpha1/namespaces/${namespace}/metadataruns`,
        query: { labelSelector: `amx.dev/schedule=${name}` },
      })
      return list.items
    },
    createSource: async (name, spec = {}) => {
      const body = { metadata: metadata(name), spec: { kind: 'Documents', configMap: { name: 'pages' }, ...spec } }
      return (await contextSources.create(body as unknown as ContextSource)).object
    },
    source: (name) => contextSources.get(`${namespace}/${name}`),
    untilSource: (name, wanted) => waitFor(() => contextSources.get(`${namespace}/${name}`), wanted),
    decide: async (run, spec, name = `decision-${run.metadata.name}`) => {
      const made = await decisions.create({
        apiVersion,
        kind: 'ReviewDecision',
        metadata: metadata(name),
        spec: {
          runRef: { name: run.metadata.name, uid: run.metadata.uid },
          draftDigest: run.status?.draft?.digest ?? '',
          reviewer: { username: 'admin' },
          ...spec,
        },
      } as unknown as ReviewDecision)
      return made.object
    },
    run: (name) => runs.get(`${namespace}/${name}`),
    until: (name, wanted) => waitFor(() => runs.get(`${namespace}/${name}`), wanted),
    untilPhase: (name, phase) => rig.until(name, ({ status }) => status?.phase === phase),
    untilDecided: (name) =>
      waitFor(
        () => decisions.get(`${namespace}/${name}`),
        ({ status }) => status?.conditions?.some((known) => known.status !== 'Unknown') ?? false,
      ),
    async jobsOf(run) {
      const list = await runtime.transport.request<{ items: resources.JobObject[] }>({
        path: `/apis/batch/v1/namespaces/${namespace}/jobs`,
        query: { labelSelector: `amx.dev/run-uid=${run.metadata.uid}` },
      })
      return list.items
    },
    async writes() {
      const { values } = await operator.runtime.metrics.restRequests.get()
      return values.reduce((sum, { labels, value }) => (labels.method === 'GET' ? sum : sum + value), 0)
    },
    async eventsOf({ metadata: { uid } }) {
      const list = await runtime.transport.request<{ items: EventObject[] }>({
        path: `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
        query: { fieldSelector: `regarding.uid=${uid}` },
      })
      const inOrder = [...list.items].sort((a, b) => a.eventTime.localeCompare(b.eventTime))
      return inOrder.map(({ type, reason, note }) => `${type} ${reason}: ${note}`)
    },
    dieAfter(matches) {
      const { promise, resolve } = Promise.withResolvers<void>()
      death = { matches, resolve }
      return promise
    },
    async restartOperator() {
      await operator.stop()
      operator = await startOperator()
    },
    stopPostgres: () => postgres.stop(),
    async startPostgres() {
      const port = Number(new URL(storeUrl).port)
      postgres = await startPostgres({ dataDir, port })
    },
    async close() {
      await operator.stop()
      closing.abort()
      await running
      await serverStore.close()
      await operatorStore.close()
      await postgres.stop()
    },
  }
  let operator = await startOperator()
  return rig
}

function statusOf(seen: unknown): unknown {
  return typeof seen === 'object' && seen !== null && 'status' in seen ? seen.status : seen
}

interface EventObject {
  readonly type: string
  readonly reason: string
  readonly note: string
  readonly eventTime: string
}

/** One condition of a run or a decision; fails when there is none. */
export function conditionOf(
  object: MetadataRun | ReviewDecision | ContextSource | MetadataSchedule | DatabaseProfile | LLMProfile,
  type: string,
): Condition {
  const found = object.status?.conditions?.find((condition) => condition.type === type)
  if (found === undefined) throw new Error(`no condition ${type} in ${JSON.stringify(object.status, null, 1)}`)
  return found
}

/** Polls until an answer is as wanted; fails with the last one after 30 s. */
export async function waitFor<T>(look: () => Promise<T>, wanted: (seen: T) => boolean): Promise<T> {
  const until = Date.now() + 30_000
  for (;;) {
    const seen = await look()
    if (wanted(seen)) return seen
    if (Date.now() > until) throw new Error(`not as wanted after 30 s: ${JSON.stringify(statusOf(seen), null, 1)}`)
    await delay(30)
  }
}

const quiet = process.env['AMX_TEST_LOG'] === undefined
const say = (level: string) => (facts: object, message: string) => {
  if (!quiet) console.log(level, message, JSON.stringify(facts, errorsToo).slice(0, 600))
}
const testLogger: Logger = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }

function errorsToo(_: string, value: unknown): unknown {
  return value instanceof Error ? { message: value.message, stack: value.stack } : value
}
