import { type Clock, pause, systemClock } from '../clock/clock.ts'
import { type Logger, silentLogger } from '../logger/logger.ts'
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts'
import { apiVersionOf, type KubeObject, type ResourceKind, resourcePath } from '../object/kube-object.ts'
import { createStore, type IndexFunction, type Store } from '../store/store.ts'
import { isGone, KubeError, kubeErrorFromStatus, type StatusBody } from '../transport/kube-error.ts'
import type { StreamResponse, Transport } from '../transport/transport.ts'
import { jsonLines } from './json-lines.ts'
import { type ReflectorEffect, type ReflectorInput, type ReflectorState, stepReflector } from './reflector-state.ts'

/** A cache of the objects of one kind that is kept as the server has them. */
export interface Reflector<T extends KubeObject = KubeObject> {
  readonly resource: ResourceKind
  readonly store: Store<T>
  readonly phase: ReflectorState<T>['phase']
  /** Lists and watches until the signal is aborted; never rejects and never ends before. */
  run(signal: AbortSignal): Promise<void>
}

export interface ReflectorOptions<T extends KubeObject> {
  /** Only this namespace. */
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>
  /** Objects in a page of a list. @default 500 */
  readonly pageSize?: number
  /** A watch that says nothing for this long, bookmarks included, is given up. @default 90000 */
  readonly idleLimitMs?: number
  /** Reduces an object before it is kept, to what its readers need. */
  readonly transform?: (object: T) => T
}

export interface ReflectorParts {
  readonly transport: Transport
  readonly logger?: Logger | undefined
  readonly metrics?: RuntimeMetrics | undefined
  readonly clock?: Clock
  readonly random?: () => number
}

interface ListBody<T> {
  readonly kind?: string
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
  readonly items?: readonly T[] | null
}

interface WatchLine {
  readonly type?: string
  readonly object?: unknown
}

const watchSeconds = { least: 240, most: 290 }

/** A reflector over one kind of object. Nothing is called before `run`. */
export function createReflector<T extends KubeObject>(
  resource: ResourceKind,
  parts: ReflectorParts,
  options: ReflectorOptions<T> = {},
): Reflector<T> {
  const clock = parts.clock ?? systemClock
  const random = parts.random ?? Math.random
  const logger = parts.logger ?? silentLogger
  const path = resourcePath(resource, { namespace: options.namespace })
  const idleLimitMs = options.idleLimitMs ?? 90_000
  const selectors = { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector }
  const labels = { resource: resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}` }
  const { store, writer } = createStore<T>({
    ...(options.indexes === undefined ? {} : { indexes: options.indexes }),
    onError: (error) => logger.error({ err: error, ...labels }, 'a listener of the cache failed'),
  })
  let state: ReflectorState<T> = { phase: 'Empty' }

  function kept(object: T): T {
    if (options.transform === undefined) return object
    try {
      return options.transform(object)
    } catch (error) {
      logger.error({ err: error, ...labels }, 'an object could not be reduced and is kept whole')
      return object
    }
  }

  function failure(error: unknown, what: 'list' | 'watch'): ReflectorInput<T> {
    parts.metrics?.reflectorFailures.inc(labels)
    const gone = isGone(error) || isAhead(error)
    const facts = { err: error, what, ...labels }
    if (gone) logger.info(facts, 'the cache is too old to go on from and is listed again')
    else logger.warn(facts, 'a list or watch failed and will be tried again')
    const retryAfterMs = error instanceof KubeError ? error.retryAfterMs : undefined
    return { type: 'Failed', failure: { kind: gone ? 'gone' : 'other', retryAfterMs } }
  }

  async function listPage(continueToken: string | undefined, signal: AbortSignal): Promise<ReflectorInput<T>> {
    try {
      const body = await parts.transport.request<ListBody<T>>({
        path,
        query: { ...selectors, limit: options.pageSize ?? 500, continue: continueToken },
        signal,
      })
      writer.contact(clock.now())
      const resourceVersion = body.metadata?.resourceVersion
      if (resourceVersion === undefined) throw new Error('the list has no resourceVersion')
      const next = body.metadata?.continue
      // The items of a list do not name their kind, as the events of a watch do.
      const kind = { apiVersion: apiVersionOf(resource), kind: resource.kind || kindOfList(body.kind) }
      const items = (body.items ?? []).map((item) => kept({ ...item, ...kind }))
      return { type: 'Page', items, continueToken: next === '' ? undefined : next, resourceVersion }
    } catch (error) {
      return failure(error, 'list')
    }
  }

  /** Reads one watch to its end and gives what is to be done then. */
  async function watch(resourceVersion: string, signal: AbortSignal): Promise<ReflectorEffect<T>[]> {
    const openedMs = clock.now()
    const timeoutSeconds = Math.round(watchSeconds.least + (watchSeconds.most - watchSeconds.least) * random())
    let stream: StreamResponse | undefined
    let cancelIdle: (() => void) | undefined
    let idle = false
    function heard(): void {
      writer.contact(clock.now())
      cancelIdle?.()
      cancelIdle = clock.after(idleLimitMs, () => {
        idle = true
        stream?.close()
      })
    }
    try {
      stream = await parts.transport.stream({
        path,
        query: { ...selectors, watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds },
        signal,
      })
      heard()
      for await (const line of jsonLines(stream.body)) {
        heard()
        const input = watchInput(line as WatchLine)
        const todo = input === undefined ? [] : perform(input)
        if (todo.length > 0) return todo
      }
      return perform({ type: 'Closed', lastedMs: clock.now() - openedMs })
    } catch (error) {
      if (signal.aborted) return []
      return perform(failure(idle ? new Error(`the watch was silent for ${idleLimitMs} ms`) : error, 'watch'))
    } finally {
      cancelIdle?.()
      stream?.close()
    }
  }

  function watchInput(line: WatchLine): ReflectorInput<T> | undefined {
    if (line.type === 'ERROR') throw kubeErrorFromStatus(`watch ${path}`, line.object as StatusBody)
    const object = line.object as T | undefined
    if (object?.metadata === undefined) return undefined
    if (line.type === 'BOOKMARK') {
      const { resourceVersion } = object.metadata
      return resourceVersion === undefined ? undefined : { type: 'Bookmark', resourceVersion }
    }
    if (line.type === 'ADDED' || line.type === 'MODIFIED') return { type: 'Changed', object: kept(object) }
    return line.type === 'DELETED' ? { type: 'Removed', object: kept(object) } : undefined
  }

  /** Steps, applies what concerns the cache, and gives the calls that are left to make. */
  function perform(input: ReflectorInput<T>): ReflectorEffect<T>[] {
    const next = stepReflector(state, input, random)
    state = next.state
    return next.effects.filter((effect) => !applied(effect))
  }

  function applied(effect: ReflectorEffect<T>): boolean {
    switch (effect.type) {
      case 'Replace':
        parts.metrics?.reflectorRelists.inc(labels)
        writer.replace(effect.objects, effect.resourceVersion)
        return true
      case 'Apply':
        writer.apply(effect.object)
        return true
      case 'Remove':
        writer.remove(effect.object)
        return true
      case 'Advance':
        writer.advance(effect.resourceVersion)
        return true
      default:
        return false
    }
  }

  async function call(effect: ReflectorEffect<T>, signal: AbortSignal): Promise<ReflectorEffect<T>[]> {
    switch (effect.type) {
      case 'List':
        return perform(await listPage(effect.continueToken, signal))
      case 'Watch':
        return watch(effect.resourceVersion, signal)
      case 'Wait':
        await pause(clock, effect.delayMs, signal)
        return perform({ type: 'Waited' })
      default:
        return []
    }
  }

  // Whatever went wrong inside, the cache can no longer be trusted: it is filled anew.
  async function callSafely(effect: ReflectorEffect<T>, signal: AbortSignal): Promise<ReflectorEffect<T>[]> {
    try {
      return await call(effect, signal)
    } catch (error) {
      logger.error({ err: error, ...labels }, 'the reflector failed and starts over')
      state = { phase: 'Listing', pages: [], failures: 1 }
      return perform({ type: 'Failed', failure: { kind: 'gone' } })
    }
  }

  return {
    resource,
    store,
    get phase() {
      return state.phase
    },
    async run(signal) {
      let todo = perform({ type: 'Start' })
      while (!signal.aborted) {
        const effect = todo.find((candidate) => candidate.type !== 'EndWatch')
        if (effect === undefined) break
        todo = await callSafely(effect, signal)
      }
      perform({ type: 'Stop' })
    },
  }
}

// `ConfigMapList` is a list of ConfigMap: the convention every list follows.
function kindOfList(listKind: string | undefined): string | undefined {
  return listKind?.replace(/List$/, '')
}

// The server is behind the version asked for, as after a restore of its storage: waiting will not bring it there soon.
function isAhead(error: unknown): boolean {
  return error instanceof KubeError && error.causes.includes('ResourceVersionTooLarge')
}
