import { expect, test } from 'vitest'
import { createStore } from '../store/store.ts'
import { type ConfigMap, configMap } from '../testing/config-map.ts'
import { createFreshness } from './freshness.ts'

function at(resourceVersion: string): ConfigMap {
  const object = configMap('a')
  return { ...object, metadata: { ...object.metadata, uid: 'a', resourceVersion } }
}

function setUp() {
  const { store, writer } = createStore<ConfigMap>()
  writer.replace([at('95')], '99')
  return { store, writer, freshness: createFreshness() }
}

test('a key is stale until the cache shows its write', () => {
  const { store, writer, freshness } = setUp()
  freshness.wrote('default/a', store, '100')
  expect(freshness.isStale('default/a')).toBe(true)
  expect(freshness.isStale('default/b')).toBe(false)
  writer.apply(at('100'))
  expect(freshness.isStale('default/a')).toBe(false)
  expect(freshness.size).toBe(0)
})

test('a write is seen once the cache has seen later history, whatever became of the object', () => {
  const { store, writer, freshness } = setUp()
  freshness.wrote('default/a', store, '100')
  writer.remove(at('103'))
  expect(freshness.isStale('default/a')).toBe(false)
  freshness.wrote('default/a', store, '110')
  writer.advance('111')
  expect(freshness.isStale('default/a')).toBe(false)
})

test('the newest of several writes counts, also when they are noted out of order', () => {
  const { store, writer, freshness } = setUp()
  freshness.wrote('default/a', store, '120')
  freshness.wrote('default/a', store, '101')
  writer.advance('101')
  expect(freshness.isStale('default/a')).toBe(true)
})

test('every cache written to must have caught up', () => {
  const { store, writer, freshness } = setUp()
  const other = createStore<ConfigMap>()
  freshness.wrote('default/a', store, '100')
  freshness.wrote('default/a', other.store, '102')
  writer.advance('500')
  expect(freshness.isStale('default/a')).toBe(true)
  other.writer.replace([], '102')
  expect(freshness.isStale('default/a')).toBe(false)
})

test('a write that changed nothing is seen already', () => {
  const { store, freshness } = setUp()
  freshness.wrote('default/a', store, '95')
  expect(freshness.isStale('default/a')).toBe(false)
})

test('versions without an order are taken as fresh', () => {
  const { store, freshness } = setUp()
  freshness.wrote('default/a', store, 'opaque')
  expect(freshness.isStale('default/a')).toBe(false)
})
