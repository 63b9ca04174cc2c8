import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type operatorTypes from '@dot-i/k8s-operator'
import type { ResourceEvent, ResourceMeta } from '@dot-i/k8s-operator'
import { type KubeConfig, loadYaml, type V1CustomResourceDefinition } from '@kubernetes/client-node'
import { sourceOf } from '../controller/source.ts'
import { type Logger, silentLogger } from '../logger/logger.ts'
import { type KubeObject, objectKey, type ResourceKind, resourcePath } from '../object/kube-object.ts'
import { createResourceClient, type ResourceClient } from '../patch/resource-client.ts'
import type { ReflectorOptions } from '../reflector/reflector.ts'
import type { Runtime, RuntimeEnd } from '../runtime/runtime.ts'
import { isAlreadyExists, isNotFound } from '../transport/kube-error.ts'
import { MemoisedKubeConfig } from '../transport/memoised-kube-config.ts'

// The package is CommonJS, and what an import of its default export gives differs between Node.js and the test runner.
const operatorModule = createRequire(import.meta.url)('@dot-i/k8s-operator') as typeof operatorTypes
const Operator = operatorModule.default
const { ResourceEventType, ResourceMetaImpl } = operatorModule

const workers = 4

export interface ControllerOperatorOptions {
  readonly kubeConfig: KubeConfig
  readonly logger?: Logger
  /** What everything of this operator runs in. It must not be running yet. */
  readonly runtime: Runtime
  /** How the watches of `watchResource` are kept. */
  readonly watches?: Pick<ReflectorOptions<KubeObject>, 'idleLimitMs' | 'pageSize'>
}

/**
 * The process shell of `@dot-i/k8s-operator` over our own layer: a subclass writes `init` as its documentation says, and
 * watches, status and finalizers go through the runtime. Nothing of the base class that exits the process, or that fails
 * silently on a current client, is left in use. Events come once per object and state, one at a time per object; an
 * `onEvent` that throws is called again after a back-off.
 */
export abstract class ControllerOperator extends Operator {
  protected readonly runtime: Runtime
  readonly #log: Logger
  readonly #watches: ReflectorOptions<KubeObject>
  readonly #stopping = new AbortController()
  readonly #clients = new Map<string, ResourceClient<KubeObject>>()
  #ended: Promise<RuntimeEnd> | undefined

  constructor(options: ControllerOperatorOptions) {
    const log = options.logger ?? silentLogger
    super(textLogger(log))
    this.#log = log
    this.runtime = options.runtime
    this.#watches = options.watches ?? {}
    // The base class has loaded the default configuration by itself; calls must go where the runtime's go.
    this.kubeConfig = MemoisedKubeConfig.from(options.kubeConfig)
  }

  /** How the runtime ended; pending until it has. `LeaseLost` is the one reason for the process to exit by itself. */
  get ended(): Promise<RuntimeEnd> {
    return this.#ended ?? Promise.reject(new Error('the operator was not started'))
  }

  /** Calls `init` and runs the runtime; resolves once it is under way. Rejects with what `init` throws. */
  override async start(): Promise<void> {
    await this.init()
    this.#ended = this.runtime.run(this.#stopping.signal)
    // Whoever does not look at `ended` must not lose the process to an unhandled rejection.
    this.#ended.catch((error: unknown) => this.#log.error({ err: error }, 'the runtime failed'))
  }

  /** Begins to stop; `ended` tells when everything has. Never exits the process. */
  override stop(): void {
    this.#stopping.abort()
  }

  protected override getCustomResourceApiUri(
    group: string,
    version: string,
    plural: string,
    namespace?: string,
  ): string {
    return this.runtime.transport.server + resourcePath(kindOf(group, version, plural), { namespace })
  }

  protected override async watchResource(
    group: string,
    version: string,
    plural: string,
    onEvent: (event: ResourceEvent) => Promise<void>,
    namespace?: string,
  ): Promise<void> {
    const resource = kindOf(group, version, plural)
    const id = this.#remember(resource)
    const { store } = this.runtime.reflector<KubeObject>(resource, { ...this.#watches, namespace })
    const known = new Map<string, KubeObject>()
    const deleted = new Map<string, KubeObject>()
    store.subscribe((event) => {
      if (event.type === 'Deleted') deleted.set(event.key, event.object)
    })
    this.runtime.controller({
      name: namespace === undefined ? id : `${id}/${namespace}`,
      workers,
      sources: [sourceOf(store)],
      async reconcile({ key }) {
        const last = deleted.get(key)
        const present = store.get(key)
        if (last !== undefined && known.has(key)) {
          await onEvent({ meta: metaOf(id, last), object: plain(last), type: ResourceEventType.Deleted })
          known.delete(key)
        }
        if (deleted.get(key) === last) deleted.delete(key)
        if (present === undefined) return
        const type = known.has(key) ? ResourceEventType.Modified : ResourceEventType.Added
        await onEvent({ meta: metaOf(id, present), object: plain(present), type })
        known.set(key, present)
      },
    })
  }

  /** Creates the definition in a YAML file, unless there is one of that name. Throws what else the server refuses. */
  protected override async registerCustomResourceDefinition(crdFile: string) {
    const definition = loadYaml<V1CustomResourceDefinition>(await readFile(crdFile, 'utf8'))
    try {
      await this.runtime.transport.request({
        method: 'POST',
        path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
        body: definition,
        signal: this.#stopping.signal,
      })
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
    }
    const { group, versions, names } = definition.spec
    return { group, versions, plural: names.plural }
  }

  /** Replaces the status while the object is as `meta` says; null when it is gone. Throws other failures. */
  protected override async setResourceStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    const { apiVersion, kind, name, namespace, resourceVersion } = meta
    const path = resourcePath(this.#clientOf(meta).resource, { namespace, name, subresource: 'status' })
    const body = { apiVersion, kind, metadata: { name, namespace, resourceVersion }, status }
    return this.#writtenMeta(meta, (signal) => this.runtime.transport.request({ method: 'PUT', path, body, signal }))
  }

  protected override async patchResourceStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    const key = objectKey(meta.namespace, meta.name)
    return this.#writtenMeta(meta, (signal) => this.#clientOf(meta).patchStatus(key, status as object, { signal }))
  }

  /** Sets the finalizers while the object is as `meta` says; a conflict is thrown, so that the event comes again. */
  protected override async setResourceFinalizers(meta: ResourceMeta, finalizers: string[]): Promise<void> {
    const client = this.#clientOf(meta)
    const { name, namespace, resourceVersion } = meta
    try {
      await client.patchFinalizers({ metadata: { name, namespace, resourceVersion } }, finalizers, {
        signal: this.#stopping.signal,
      })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async #writtenMeta(
    meta: ResourceMeta,
    write: (signal: AbortSignal) => Promise<KubeObject>,
  ): Promise<ResourceMeta | null> {
    try {
      return metaOf(meta.id, await write(this.#stopping.signal))
    } catch (error) {
      if (isNotFound(error)) return null
      throw error
    }
  }

  #remember(resource: ResourceKind): string {
    const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
    const id = `${resource.plural}.${apiVersion}`
    this.#clients.set(id, createResourceClient(this.runtime.transport, resource, 'controller-operator'))
    return id
  }

  #clientOf(meta: ResourceMeta): ResourceClient<KubeObject> {
    const client = this.#clients.get(meta.id)
    if (client === undefined) throw new Error(`${meta.id} is not watched by this operator`)
    return client
  }
}

function kindOf(group: string, version: string, plural: string): ResourceKind {
  return { group, version, plural, kind: '', scope: 'Namespaced' }
}

function metaOf(id: string, object: KubeObject): ResourceMeta {
  return ResourceMetaImpl.createWithId(id, plain(object))
}

/** A copy that may be changed: the base class pushes into lists of the event's object. */
function plain(object: KubeObject): ResourceEvent['object'] {
  return structuredClone(object) as unknown as ResourceEvent['object']
}

function textLogger(log: Logger) {
  return {
    debug: (message: string) => log.debug({}, message),
    info: (message: string) => log.info({}, message),
    warn: (message: string) => log.warn({}, message),
    error: (message: string) => log.error({}, message),
  }
}
