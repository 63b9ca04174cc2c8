import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRuntimeMetrics } from '../metrics/runtime-metrics.ts'
import { type HealthServer, startHealthServer } from './health-server.ts'

let server: HealthServer
let problems: string[]
const metrics = createRuntimeMetrics()

beforeEach(async () => {
  problems = []
  const check = (): readonly string[] => problems
  server = await startHealthServer({ port: 0, host: '127.0.0.1', live: check, ready: check, metrics })
})

afterEach(() => server.close())

function get(path: string, method = 'GET'): Promise<Response> {
  return fetch(`http://127.0.0.1:${server.port}${path}`, { method })
}

test.each(['/healthz', '/livez', '/readyz', '/healthz?verbose=1'])(
  '%s answers 200, or 503 with what is wrong',
  async (path) => {
    expect((await get(path)).status).toBe(200)
    problems = ['one thing', 'another']
    const response = await get(path)
    expect(response.status).toBe(503)
    expect(await response.text()).toBe('one thing\nanother\n')
  },
)

test('metrics have the type that Prometheus asks for', async () => {
  const response = await get('/metrics')
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  expect(await response.text()).toContain('# TYPE controller_runtime_reconcile_total counter')
})

test('anything else is refused', async () => {
  expect((await get('/')).status).toBe(404)
  expect((await get('/healthz', 'POST')).status).toBe(405)
})

test('a port that is taken is an error', async () => {
  const again = startHealthServer({ port: server.port, host: '127.0.0.1', live: () => [], ready: () => [], metrics })
  await expect(again).rejects.toThrow('EADDRINUSE')
})

test('a close does not wait for clients that stay connected', async () => {
  await get('/healthz')
  await server.close()
  await expect(get('/healthz')).rejects.toThrow()
})
