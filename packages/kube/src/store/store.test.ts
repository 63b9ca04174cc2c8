import { expect, test } from 'vitest'
import { type ConfigMap, configMap } from '../testing/config-map.ts'
import { createStore, type StoreEvent } from './store.ts'

function stored(name: string, resourceVersion: string, facts: { uid?: string; colour?: string } = {}): ConfigMap {
  const object = configMap(name, facts.colour === undefined ? {} : { colour: facts.colour })
  return { ...object, metadata: { ...object.metadata, uid: facts.uid ?? `uid-${name}`, resourceVersion } }
}

function noted(events: StoreEvent<ConfigMap>[]): string[] {
  return events.map((event) => `${event.type} ${event.object.metadata.name}@${event.object.metadata.resourceVersion}`)
}

function setUp() {
  const errors: unknown[] = []
  const { store, writer } = createStore<ConfigMap>({
    indexes: { colour: (object) => (object.data?.['colour'] === undefined ? [] : [object.data['colour']]) },
    onError: (error) => errors.push(error),
  })
  const events: StoreEvent<ConfigMap>[] = []
  store.subscribe((event) => events.push(event))
  return { store, writer, events, errors }
}

test('a list that comes again announces only what differs, what is missing as deleted', () => {
  const { store, writer, events } = setUp()
  writer.replace([stored('a', '1'), stored('b', '2'), stored('c', '3')], '10')
  events.length = 0
  writer.replace([stored('a', '1'), stored('b', '12')], '20')
  expect(noted(events)).toEqual(['Deleted c@3', 'Updated b@12'])
  expect(store.size).toBe(2)
  expect(store.resourceVersion).toBe('20')
})

test('an object deleted and made again between two lists is announced as two', () => {
  const { writer, events } = setUp()
  writer.replace([stored('a', '1', { uid: 'first' })], '10')
  events.length = 0
  writer.replace([stored('a', '15', { uid: 'second' })], '20')
  expect(noted(events)).toEqual(['Deleted a@1', 'Added a@15'])
})

test('an older version of an object never replaces a newer one', () => {
  const { store, writer, events } = setUp()
  writer.apply(stored('a', '100'))
  writer.apply(stored('a', '99'))
  expect(store.get('default/a')?.metadata.resourceVersion).toBe('100')
  expect(noted(events)).toEqual(['Added a@100'])
})

test('a late deletion of an earlier object leaves the present one', () => {
  const { store, writer } = setUp()
  writer.apply(stored('a', '5', { uid: 'second' }))
  writer.remove(stored('a', '4', { uid: 'first' }))
  expect(store.get('default/a')?.metadata.uid).toBe('second')
})

test('a deletion gives the object as it last was', () => {
  const { store, writer, events } = setUp()
  writer.apply(stored('a', '5', { colour: 'red' }))
  writer.remove(stored('a', '6', { colour: 'blue' }))
  expect(events.at(-1)?.object.data).toEqual({ colour: 'blue' })
  expect(store.byIndex('colour', 'red')).toEqual([])
})

test('an index follows every change', () => {
  const { store, writer } = setUp()
  writer.replace([stored('a', '1', { colour: 'red' }), stored('b', '2', { colour: 'red' }), stored('c', '3')], '3')
  writer.apply(stored('a', '4', { colour: 'blue' }))
  expect(store.byIndex('colour', 'red').map((object) => object.metadata.name)).toEqual(['b'])
  expect(store.byIndex('colour', 'blue').map((object) => object.metadata.name)).toEqual(['a'])
  expect(() => store.byIndex('size', '1')).toThrow('no index size')
})

test('objects are frozen through and through and carry no managed fields', () => {
  const { store, writer } = setUp()
  const object = stored('a', '1', { colour: 'red' })
  writer.apply({
    ...object,
    metadata: { ...object.metadata, managedFields: [{ manager: 'x' }] } as ConfigMap['metadata'],
  })
  const held = store.get('default/a')
  expect(held?.metadata).not.toHaveProperty('managedFields')
  expect(() => {
    if (held?.data !== undefined) held.data['colour'] = 'blue'
  }).toThrow(TypeError)
})

test('a listener that throws disturbs neither the cache nor the others', () => {
  const { store, writer, errors } = setUp()
  store.subscribe(() => {
    throw new Error('bad listener')
  })
  const after: string[] = []
  store.subscribe((event) => after.push(event.key))
  writer.apply(stored('a', '1'))
  expect(after).toEqual(['default/a'])
  expect(store.size).toBe(1)
  expect(errors).toHaveLength(1)
})

test('whoever waits for the first list hears of it, or of having given up', async () => {
  const { store, writer } = setUp()
  const giveUp = new AbortController()
  const impatient = store.whenSynced(giveUp.signal)
  giveUp.abort(new Error('enough'))
  await expect(impatient).rejects.toThrow('enough')
  const patient = store.whenSynced()
  expect(store.synced).toBe(false)
  writer.replace([], '1')
  await patient
  expect(store.synced).toBe(true)
})

test('the position does not go back, but for a list', () => {
  const { store, writer } = setUp()
  writer.replace([], '100')
  writer.advance('99')
  expect(store.resourceVersion).toBe('100')
  writer.advance('101')
  expect(store.resourceVersion).toBe('101')
  writer.replace([], '50')
  expect(store.resourceVersion).toBe('50')
})
