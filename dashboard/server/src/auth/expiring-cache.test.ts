import { expect, test } from 'vitest'
import { expiringCache } from './expiring-cache.ts'

test('asks once for callers that come at the same time and again after the answer expired', async () => {
  let now = 0
  let asked = 0
  const cache = expiringCache<number>(10, () => now)
  const ask = async () => {
    asked += 1
    return { value: asked, ttlMs: 100 }
  }
  expect(await Promise.all([cache.get('a', ask), cache.get('a', ask)])).toEqual([1, 1])
  now = 99
  expect(await cache.get('a', ask)).toBe(1)
  now = 100
  expect(await cache.get('a', ask)).toBe(2)
})

test('remembers no failure', async () => {
  const cache = expiringCache<number>(10)
  await expect(cache.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
  expect(await cache.get('a', async () => ({ value: 7, ttlMs: 1000 }))).toBe(7)
})

test('drops the oldest answer when it is full', async () => {
  const cache = expiringCache<string>(2)
  const answer = (value: string) => async () => ({ value, ttlMs: 60_000 })
  await cache.get('a', answer('first'))
  await cache.get('b', answer('first'))
  await cache.get('c', answer('first'))
  expect(await cache.get('b', answer('second'))).toBe('first')
  expect(await cache.get('a', answer('second'))).toBe('second')
})
