import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { createFakeClock } from './fake-clock.ts'
import { startTimeLimit, withSignal } from './time-limit.ts'

test('the time ends it, and says so', async () => {
  const clock = createFakeClock()
  using limit = startTimeLimit({ limitMs: 100, clock, reason: 'too slow' })
  await clock.advance(99)
  expect(limit.signal.aborted).toBe(false)
  await clock.advance(1)
  expect(limit.isOver).toBe(true)
  expect(limit.signal.reason).toMatchObject({ message: 'too slow' })
})

test('a parent ends it with its own reason', () => {
  const parent = new AbortController()
  using limit = startTimeLimit({ limitMs: 100, parents: [parent.signal, undefined], clock: createFakeClock() })
  parent.abort('stop')
  expect({ reason: limit.signal.reason, isOver: limit.isOver }).toEqual({ reason: 'stop', isOver: false })
})

test('a parent that has ended already ends it at once', () => {
  using limit = startTimeLimit({ limitMs: 100, parents: [AbortSignal.abort('stop')], clock: createFakeClock() })
  expect(limit.signal.aborted).toBe(true)
})

test('nothing is left behind on a parent that lives on', () => {
  const clock = createFakeClock()
  const parent = new AbortController()
  for (let i = 0; i < 100; i++) {
    using limit = startTimeLimit({ limitMs: 100, parents: [parent.signal], clock })
    expect(limit.signal.aborted).toBe(false)
  }
  expect(getEventListeners(parent.signal, 'abort')).toHaveLength(0)
  expect(clock.pending).toBe(0)
})

test('a promise is waited for until the signal', async () => {
  const stop = new AbortController()
  await expect(withSignal(Promise.resolve(1), stop.signal)).resolves.toBe(1)
  const waiting = withSignal(new Promise(() => undefined), stop.signal)
  stop.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0)
})

test('a promise that fails after the signal, when nobody waits for it, harms nobody', async () => {
  const unheard: unknown[] = []
  const hear = (reason: unknown) => unheard.push(reason)
  process.on('unhandledRejection', hear)
  try {
    await expect(withSignal(Promise.reject(new Error('late')), AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    )
    await new Promise((resolve) => setImmediate(resolve))
    expect(unheard).toEqual([])
  } finally {
    process.off('unhandledRejection', hear)
  }
})
