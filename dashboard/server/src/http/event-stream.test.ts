import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunEvent } from '@amx/api'
import express from 'express'
import pino from 'pino'
import { afterEach, expect, test } from 'vitest'
import { streamEvents } from './event-stream.ts'
import { requestSignal } from './request-signal.ts'

const opened: Server[] = []
afterEach(() => {
  for (const server of opened.splice(0)) server.close().closeAllConnections()
})

/** A log of events that a test adds to, streamed by a real server. */
async function served(options: { heartbeatMs?: number; maximumMs?: number } = {}) {
  const log: RunEvent[] = []
  const listeners = new Set<() => void>()
  const stopping = new AbortController()
  const app = express()
  app.get('/events', (request, response) =>
    streamEvents({
      ...options,
      response,
      signal: requestSignal(response, stopping.signal),
      logger: pino({ level: 'silent' }),
      lastEventId: request.header('last-event-id') ?? null,
      read: async (afterId) => log.filter(({ id }) => Number(id) > Number(afterId ?? 0)).slice(0, 2),
      listen: async (onEvent) => {
        listeners.add(onEvent)
        return async () => {
          listeners.delete(onEvent)
        }
      },
    }),
  )
  const server = createServer(app).listen(0, '127.0.0.1')
  opened.push(server)
  await once(server, 'listening')
  const add = (count: number) => {
    for (let made = 0; made < count; made += 1)
      log.push({ id: String(log.length + 1), time: '2026-11-21T00:00:00.000Z', type: 'Warning', data: {} })
    for (const ring of listeners) ring()
  }
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/events`, add, listeners, stopping }
}

/** Reads the stream until `enough` of what came so far. */
async function readUntil(response: Response, enough: (text: string) => boolean): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true })
    if (enough(text)) return text
  }
  return text
}

const ids = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map((match) => match[1])

test('sends what is there, in pages, and then what comes', async () => {
  const { url, add } = await served()
  add(5)
  const response = await fetch(url)
  expect(response.headers.get('content-type')).toMatch('text/event-stream')
  expect(response.headers.get('x-accel-buffering')).toBe('no')
  let added = false
  const text = await readUntil(response, (sofar) => {
    if (!added && sofar.includes('id: 5')) {
      added = true
      add(1)
    }
    return sofar.includes('id: 6')
  })
  expect(ids(text)).toEqual(['1', '2', '3', '4', '5', '6'])
})

test('goes on behind the last event a client has seen', async () => {
  const { url, add } = await served()
  add(4)
  const response = await fetch(url, { headers: { 'last-event-id': '2' } })
  expect(ids(await readUntil(response, (text) => text.includes('id: 4')))).toEqual(['3', '4'])
})

test('keeps a quiet stream alive with comments', async () => {
  const { url } = await served({ heartbeatMs: 5 })
  expect(await readUntil(await fetch(url), (text) => text.includes('still here'))).toContain(': still here')
})

test('ends when its time is over or the server stops, and stops listening', async () => {
  const timed = await served({ maximumMs: 30 })
  expect(await readUntil(await fetch(timed.url), () => false)).toContain('retry: 2000')
  expect(timed.listeners.size).toBe(0)
  const stopped = await served()
  const response = await fetch(stopped.url)
  stopped.stopping.abort()
  await readUntil(response, () => false)
  await expect.poll(() => stopped.listeners.size).toBe(0)
})

test('stops listening when the client goes away', async () => {
  const { url, listeners } = await served()
  const client = new AbortController()
  const response = await fetch(url, { signal: client.signal })
  await expect.poll(() => listeners.size).toBe(1)
  client.abort()
  await response.text().catch(() => '')
  await expect.poll(() => listeners.size).toBe(0)
})
