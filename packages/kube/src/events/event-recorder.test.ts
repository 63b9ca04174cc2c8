import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../clock/fake-clock.ts'
import { type FakeApiServer, startFakeApiServer } from '../fake-api-server/fake-api-server.ts'
import { createRuntimeMetrics, type RuntimeMetrics } from '../metrics/runtime-metrics.ts'
import { type ConfigMap, configMap } from '../testing/config-map.ts'
import { eventually } from '../testing/eventually.ts'
import { createTransport, type Transport } from '../transport/transport.ts'
import { createEventRecorder, type EventRecorder } from './event-recorder.ts'

const path = '/apis/events.k8s.io/v1/namespaces/default/events'

let server: FakeApiServer
let transport: Transport
let metrics: RuntimeMetrics
let clock: FakeClock
let recorder: EventRecorder

beforeEach(async () => {
  server = await startFakeApiServer()
  metrics = createRuntimeMetrics()
  clock = createFakeClock()
  transport = createTransport(server.kubeConfig)
  recorder = createEventRecorder({
    transport,
    metrics,
    clock,
    reportingController: 'test',
    reportingInstance: 'test-0',
  })
})

afterEach(async () => {
  await recorder.close(0)
  await transport.close()
  await server.close()
})

function about(name = 'a'): ConfigMap {
  const object = configMap(name)
  return { ...object, metadata: { ...object.metadata, uid: `uid-${name}` } }
}

interface StoredEvent {
  readonly note: string
  readonly series?: { readonly count: number }
}

function stored(): StoredEvent[] {
  return server.storage.list(path) as unknown as StoredEvent[]
}

test('an event is written in the form the API asks for', async () => {
  recorder.record({ regarding: about(), type: 'Normal', reason: 'Started', note: 'It has begun.' })
  await eventually('it is stored', () => stored().length === 1)
  expect(stored()[0]).toMatchObject({
    metadata: { namespace: 'default' },
    eventTime: expect.stringMatching(/\.\d{6}Z$/),
    reason: 'Started',
    action: 'Started',
    note: 'It has begun.',
    type: 'Normal',
    regarding: { kind: 'ConfigMap', name: 'a', uid: 'uid-a' },
    reportingController: 'test',
    reportingInstance: 'test-0',
  })
})

test('the same event again is counted, not written again, and the count is written now and then', async () => {
  const facts = { regarding: about(), type: 'Warning', reason: 'Failing', note: 'It does not work.' } as const
  for (let i = 0; i < 10; i++) recorder.record(facts)
  await eventually('the first repetition is stored', () => stored()[0]?.series !== undefined)
  await clock.advance(30_000)
  await eventually('the count is stored', () => stored()[0]?.series?.count === 10)
  expect(server.requests).toHaveLength(3)
  await clock.advance(6 * 60_000 + 1)
  recorder.record(facts)
  await eventually('a new one is stored after six minutes', () => stored().length === 2)
})

test('an object that has too many different events loses some, others lose none', async () => {
  for (let i = 0; i < 40; i++) {
    recorder.record({ regarding: about(), type: 'Normal', reason: 'Noise', note: `Number ${i}.` })
  }
  recorder.record({ regarding: about('b'), type: 'Normal', reason: 'Quiet', note: 'Hello.' })
  await eventually('the allowed ones are stored', () => stored().length === 26)
  expect(await metrics.scrape()).toContain('event_recorder_dropped_total{reason="rate"} 15')
  await clock.advance(30_000)
  recorder.record({ regarding: about(), type: 'Normal', reason: 'Noise', note: 'Later.' })
  await eventually('one more is allowed after 30 s', () => stored().length === 27)
})

test('a server that refuses or does not answer costs the caller nothing', async () => {
  server.plan(() => true, { status: 403 }, 1)
  recorder.record({ regarding: about(), type: 'Normal', reason: 'Lost', note: 'Nobody will read this.' })
  await eventually('the loss is counted', async () => (await metrics.scrape()).includes('{reason="failed"} 1'))
  server.plan(() => true, 'silence', 100)
  for (let i = 0; i < 70; i++) {
    recorder.record({ regarding: about(`n${i}`), type: 'Normal', reason: 'Lost', note: 'Nobody will read this.' })
  }
  expect(await metrics.scrape()).toContain('event_recorder_dropped_total{reason="busy"} 6')
})

test('a long note is cut at 1,024 bytes, between characters', async () => {
  recorder.record({ regarding: about(), type: 'Normal', reason: 'Long', note: 'ß数'.repeat(1_000) })
  const [event] = await eventually('it is stored', () => (stored().length === 1 ? stored() : undefined))
  expect(Buffer.byteLength(event?.note ?? '')).toBeLessThanOrEqual(1_024)
  expect(event?.note).toMatch(/^(ß数)+ß?…$/)
})

test('what is recorded just before the end is written, what comes after is not', async () => {
  recorder.record({ regarding: about(), type: 'Normal', reason: 'Last', note: 'Goodbye.' })
  await recorder.close()
  recorder.record({ regarding: about(), type: 'Normal', reason: 'TooLate', note: 'Hello?' })
  expect(stored().map(({ note }) => note)).toEqual(['Goodbye.'])
})
