import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../clock/fake-clock.ts'
import { createRuntimeMetrics, type RuntimeMetrics } from '../metrics/runtime-metrics.ts'
import { createStore, type Store, type StoreWriter } from '../store/store.ts'
import { type ConfigMap, configMap } from '../testing/config-map.ts'
import { type Controller, type ControllerOptions, createController, type Reconcile } from './controller.ts'
import { controllerOwner, createPushSource, sourceOf } from './source.ts'
import { TerminalError } from './terminal-error.ts'

let clock: FakeClock
let metrics: RuntimeMetrics
let store: Store<ConfigMap>
let writer: StoreWriter<ConfigMap>
let stop: AbortController
let version: number

beforeEach(() => {
  clock = createFakeClock()
  metrics = createRuntimeMetrics()
  ;({ store, writer } = createStore<ConfigMap>())
  stop = new AbortController()
  version = 100
})

afterEach(() => stop.abort())

function put(name: string): ConfigMap {
  const object = configMap(name)
  const stored = { ...object, metadata: { ...object.metadata, uid: name, resourceVersion: String(++version) } }
  writer.apply(stored)
  return stored
}

function start(
  reconcile: Reconcile,
  options: Partial<ControllerOptions> = {},
): { controller: Controller; end: Promise<void> } {
  const controller = createController(
    { name: 'test', sources: [sourceOf(store)], reconcile, ...options },
    { clock, metrics, random: () => 0 },
  )
  return { controller, end: controller.run(stop.signal) }
}

async function figure(name: string): Promise<string | undefined> {
  const text = await metrics.scrape()
  return text
    .split('\n')
    .find((line) => line.startsWith(name))
    ?.split(' ')
    .at(-1)
}

describe('what is reconciled', () => {
  test('what is there at the start and what changes after it', async () => {
    put('a')
    const keys: string[] = []
    start(async ({ key }) => {
      keys.push(key)
    })
    await clock.advance(0)
    put('b')
    await clock.advance(0)
    expect(keys).toEqual(['default/a', 'default/b'])
  })

  test('a burst of changes of one object is reconciled once, with the last state', async () => {
    const seen: (string | undefined)[] = []
    start(async ({ key }) => {
      seen.push(store.get(key)?.metadata.resourceVersion)
    })
    await clock.advance(0)
    for (let i = 0; i < 50; i++) put('a')
    await clock.advance(0)
    expect(seen.length).toBeLessThanOrEqual(2)
    expect(seen.at(-1)).toBe('150')
  })

  test('one object is never with two workers, others go on beside it', async () => {
    let inside = 0
    let most = 0
    const perKey = new Map<string, number>()
    const releases: (() => void)[] = []
    start(
      async ({ key }) => {
        const now = (perKey.get(key) ?? 0) + 1
        perKey.set(key, now)
        expect(now).toBe(1)
        most = Math.max(most, ++inside)
        await new Promise<void>((resolve) => releases.push(resolve))
        inside--
        perKey.set(key, 0)
      },
      { workers: 3 },
    )
    for (const name of ['a', 'b', 'c', 'd']) put(name)
    await clock.advance(0)
    put('a')
    await clock.advance(0)
    expect(most).toBe(3)
    while (releases.length > 0) {
      releases.shift()?.()
      await clock.advance(0)
    }
    expect(await figure('controller_runtime_reconcile_total{controller="test",result="success"}')).toBe('5')
    expect(await figure('controller_runtime_max_concurrent_reconciles')).toBe('3')
    expect(await figure('controller_runtime_active_workers')).toBe('0')
  })

  test('a change of an owned object is a change of its owner, of the right group and kind only', async () => {
    const keys: string[] = []
    const owned = createStore<ConfigMap>()
    const source = sourceOf(owned.store, controllerOwner('amx.dev', 'Thing'))
    start(
      async ({ key }) => {
        keys.push(key)
      },
      { sources: [source] },
    )
    await clock.advance(0)
    function own(name: string, apiVersion: string, controller: boolean): void {
      const object = configMap(name)
      const ownerReferences = [{ apiVersion, kind: 'Thing', name: `owner-of-${name}`, uid: 'x', controller }]
      owned.writer.apply({ ...object, metadata: { ...object.metadata, uid: name, ownerReferences } })
    }
    own('a', 'amx.dev/v1alpha1', true)
    own('b', 'other.dev/v1', true)
    own('c', 'amx.dev/v1', false)
    await clock.advance(0)
    expect(keys).toEqual(['default/owner-of-a'])
  })

  test('keys pushed from outside are reconciled', async () => {
    const pushed = createPushSource()
    const keys: string[] = []
    start(
      async ({ key }) => {
        keys.push(key)
      },
      { sources: [pushed] },
    )
    pushed.push('default/x')
    await clock.advance(0)
    expect(keys).toEqual(['default/x'])
  })

  test('a resync looks at everything again', async () => {
    put('a')
    put('b')
    const keys: string[] = []
    start(
      async ({ key }) => {
        keys.push(key)
      },
      { resyncMs: 600_000 },
    )
    await clock.advance(0)
    await clock.advance(540_000)
    expect(keys).toEqual(['default/a', 'default/b', 'default/a', 'default/b'])
  })
})

describe('what becomes of a reconcile', () => {
  test('a thrown error is tried again with a back-off, a success ends it', async () => {
    let calls = 0
    const failures: number[] = []
    start(async (_request, context) => {
      failures.push(context.failures)
      if (++calls < 4) throw new Error('not yet')
    })
    put('a')
    await clock.advance(0)
    expect(calls).toBe(1)
    await clock.advance(249)
    expect(calls).toBe(1)
    await clock.advance(1)
    expect(calls).toBe(2)
    await clock.advance(1_500)
    expect(calls).toBe(4)
    expect(failures).toEqual([0, 1, 2, 3])
    expect(await figure('controller_runtime_reconcile_errors_total')).toBe('3')
    put('a')
    await clock.advance(0)
    expect(failures.at(-1)).toBe(0)
  })

  test('a terminal error is not tried again, a change is', async () => {
    let calls = 0
    start(async () => {
      calls++
      throw new TerminalError('hopeless')
    })
    put('a')
    await clock.advance(3_600_000)
    expect(calls).toBe(1)
    put('a')
    await clock.advance(0)
    expect(calls).toBe(2)
    expect(await figure('controller_runtime_terminal_reconcile_errors_total')).toBe('2')
  })

  test('a reconcile can ask to be called later', async () => {
    let calls = 0
    start(async () => {
      calls++
      return calls === 1 ? { requeueAfterMs: 5_000 } : {}
    })
    put('a')
    await clock.advance(4_999)
    expect(calls).toBe(1)
    await clock.advance(60_000)
    expect(calls).toBe(2)
  })

  test('a reconcile that takes too long is aborted, counted and tried again', async () => {
    let calls = 0
    const reasons: unknown[] = []
    const { controller } = start(async (_request, { signal }) => {
      if (++calls > 1) return
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    put('a')
    await clock.advance(59_999)
    expect(controller.stuck()).toEqual([])
    await clock.advance(1)
    await clock.advance(250)
    expect(calls).toBe(2)
    expect(reasons).toEqual([])
    expect(await figure('controller_runtime_reconcile_timeouts_total')).toBe('1')
  })

  test('a reconcile that ignores its abort is reported as stuck, and its key is not given to another worker', async () => {
    let calls = 0
    let release = (): void => {}
    const { controller } = start(async () => {
      calls++
      await new Promise<void>((resolve) => {
        release = resolve
      })
    })
    put('a')
    await clock.advance(70_000)
    put('a')
    await clock.advance(1)
    expect(controller.stuck()).toEqual([{ key: 'default/a', runningMs: 70_001 }])
    expect(calls).toBe(1)
    release()
    await clock.advance(0)
    expect(controller.stuck()).toEqual([])
  })

  test('a key is not looked at again before the cache shows what was written for it', async () => {
    const seen: (string | undefined)[] = []
    start(async ({ key }, { wrote }) => {
      seen.push(store.get(key)?.metadata.resourceVersion)
      if (seen.length === 1) wrote(store, '105')
      return seen.length === 1 ? { requeueAfterMs: 1 } : {}
    })
    put('a')
    await clock.advance(0)
    put('a')
    await clock.advance(5_000)
    expect(seen).toEqual(['101'])
    version = 104
    put('a')
    await clock.advance(1_000)
    expect(new Set(seen)).toEqual(new Set(['101', '105']))
  })
})

describe('stopping', () => {
  test('waits for what is under way, which is told', async () => {
    let told = false
    let finish = (): void => {}
    const { end } = start(async (_request, { signal }) => {
      signal.addEventListener('abort', () => {
        told = true
      })
      await new Promise<void>((resolve) => {
        finish = resolve
      })
    })
    put('a')
    await clock.advance(0)
    let ended = false
    const done = end.then(() => {
      ended = true
    })
    stop.abort()
    await clock.advance(0)
    expect({ told, ended }).toEqual({ told: true, ended: false })
    finish()
    await done
    expect(clock.pending).toBe(0)
  })

  test('does not wait longer than the grace for a reconcile that does not end', async () => {
    const { end } = start(() => new Promise<void>(() => undefined))
    put('a')
    await clock.advance(0)
    stop.abort()
    await clock.advance(10_000)
    await end
  })

  test('nothing is reconciled after it', async () => {
    let calls = 0
    const { end } = start(async () => {
      calls++
    })
    stop.abort()
    await end
    put('a')
    await clock.advance(1_000)
    expect(calls).toBe(0)
  })
})
