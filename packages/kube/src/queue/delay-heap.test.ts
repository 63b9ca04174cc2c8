import { expect, test } from 'vitest'
import { createDelayHeap } from './delay-heap.ts'

test('gives keys in the order they fall due', () => {
  const heap = createDelayHeap()
  const due = Array.from({ length: 200 }, (_, i) => ({ key: `k${i}`, dueMs: (i * 7_919) % 1_009 }))
  for (const { key, dueMs } of due) heap.push(key, dueMs)
  const expected = due.filter(({ dueMs }) => dueMs <= 500).sort((a, b) => a.dueMs - b.dueMs)
  const popped = heap.popDue(500)
  expect(popped.map((key) => due.find((entry) => entry.key === key)?.dueMs)).toEqual(expected.map(({ dueMs }) => dueMs))
  expect(heap.size).toBe(200 - expected.length)
  expect(heap.nextDueMs).toBeGreaterThan(500)
})

test('a key is held once, at its earliest time', () => {
  const heap = createDelayHeap()
  heap.push('a', 100)
  heap.push('a', 50)
  heap.push('a', 200)
  expect(heap.nextDueMs).toBe(50)
  expect(heap.popDue(1_000)).toEqual(['a'])
  expect(heap.nextDueMs).toBeUndefined()
})

test('a key that came out can go in again later', () => {
  const heap = createDelayHeap()
  heap.push('a', 100)
  heap.push('a', 50)
  expect(heap.popDue(60)).toEqual(['a'])
  heap.push('a', 300)
  expect(heap.popDue(200)).toEqual([])
  expect(heap.popDue(300)).toEqual(['a'])
})
