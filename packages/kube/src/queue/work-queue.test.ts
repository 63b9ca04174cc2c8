import { expect, test } from 'vitest'
import { createFakeClock } from '../clock/fake-clock.ts'
import { createRuntimeMetrics } from '../metrics/runtime-metrics.ts'
import { createWorkQueue } from './work-queue.ts'

function setUp() {
  const clock = createFakeClock()
  const metrics = createRuntimeMetrics()
  const queue = createWorkQueue({ name: 'test', clock, metrics, random: () => 0 })
  return { clock, metrics, queue }
}

test('a key added many times is taken once', async () => {
  const { queue } = setUp()
  for (let i = 0; i < 5; i++) queue.add('a')
  expect(queue.depth).toBe(1)
  expect(await queue.take()).toBe('a')
  expect(queue.depth).toBe(0)
})

test('a key that changes while it is worked on comes once more, and not before', async () => {
  const { queue } = setUp()
  queue.add('a')
  await queue.take()
  queue.add('a')
  queue.add('a')
  expect(queue.depth).toBe(0)
  queue.done('a')
  expect(queue.depth).toBe(1)
  expect(await queue.take()).toBe('a')
  queue.done('a')
  expect(queue.depth).toBe(0)
})

test('who waits first is served first', async () => {
  const { queue } = setUp()
  const taken = [queue.take(), queue.take()]
  queue.add('a')
  queue.add('b')
  expect(await Promise.all(taken)).toEqual(['a', 'b'])
})

test('fresh changes go before the background, which is not starved', async () => {
  const { queue } = setUp()
  for (let i = 0; i < 20; i++) queue.add(`b${i}`, 'background')
  for (let i = 0; i < 20; i++) queue.add(`f${i}`, 'fresh')
  const taken: (string | undefined)[] = []
  for (let i = 0; i < 16; i++) taken.push(await queue.take())
  expect(taken.slice(0, 7).every((key) => key?.startsWith('f'))).toBe(true)
  expect(taken.filter((key) => key?.startsWith('b'))).toEqual(['b0', 'b1'])
})

test('a key in the background that changes becomes fresh', async () => {
  const { queue } = setUp()
  queue.add('a', 'background')
  queue.add('b', 'background')
  queue.add('b', 'fresh')
  expect(queue.depth).toBe(2)
  expect(await queue.take()).toBe('b')
})

test('delayed keys come when they are due, the earliest time wins', async () => {
  const { queue, clock } = setUp()
  queue.addAfter('a', 1_000)
  queue.addAfter('b', 500)
  queue.addAfter('a', 200)
  expect(queue.delayed).toBe(2)
  await clock.advance(199)
  expect(queue.depth).toBe(0)
  await clock.advance(1)
  expect(await queue.take()).toBe('a')
  await clock.advance(300)
  expect(await queue.take()).toBe('b')
  expect(clock.pending).toBe(0)
})

test('retries double up to five minutes and start anew after a success', () => {
  const { queue } = setUp()
  const delays = Array.from({ length: 13 }, () => queue.retry('a'))
  expect(delays.slice(0, 4)).toEqual([250, 500, 1_000, 2_000])
  expect(delays.at(-1)).toBe(300_000)
  expect(queue.failures('a')).toBe(13)
  queue.forget('a')
  expect(queue.retry('a')).toBe(250)
})

test('back-off is per key', () => {
  const { queue } = setUp()
  queue.retry('a')
  queue.retry('a')
  expect(queue.retry('b')).toBe(250)
})

test('a shutdown wakes who waits, takes nothing more and ends when the last key is done', async () => {
  const { queue, clock } = setUp()
  queue.add('a')
  await queue.take()
  queue.addAfter('late', 100)
  const waiting = queue.take()
  let ended = false
  const down = queue.shutDown().then(() => {
    ended = true
  })
  expect(await waiting).toBeUndefined()
  queue.add('b')
  await clock.advance(1_000)
  expect(queue.depth).toBe(0)
  expect(ended).toBe(false)
  queue.done('a')
  await down
  expect(await queue.take()).toBeUndefined()
  expect(clock.pending).toBe(0)
})

test('the metrics carry the names and labels of controller-runtime', async () => {
  const { queue, clock, metrics } = setUp()
  queue.add('a')
  queue.add('b')
  await clock.advance(2_000)
  await queue.take()
  await clock.advance(3_000)
  queue.retry('c')
  const text = await metrics.scrape()
  const labels = '{name="test",controller="test"}'
  expect(text).toContain(`workqueue_depth${labels} 1`)
  expect(text).toContain(`workqueue_adds_total${labels} 2`)
  expect(text).toContain(`workqueue_queue_duration_seconds_sum${labels} 2`)
  expect(text).toContain(`workqueue_unfinished_work_seconds${labels} 3`)
  expect(text).toContain(`workqueue_longest_running_processor_seconds${labels} 3`)
  expect(text).toContain(`workqueue_retries_total${labels} 1`)
})
