import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { Container, Probe } from './pod-types.ts'
import { attemptProbe, type ProbeResult, runProbe } from './probe.ts'

const failure: ProbeResult = { outcome: 'failure', message: 'not yet' }
const success: ProbeResult = { outcome: 'success' }
const anHour = 3_600

/** Runs a probe whose attempts give the results one after the other; it is stopped after the last one. */
async function verdictsOf(
  kind: 'startup' | 'liveness' | 'readiness',
  probe: Probe,
  results: ProbeResult[],
): Promise<string[]> {
  const stop = new AbortController()
  const verdicts: string[] = []
  const left = [...results]
  const attempt = async (): Promise<ProbeResult> => {
    const result = left.shift()
    if (result === undefined) stop.abort()
    return result ?? failure
  }
  await runProbe(kind, probe, attempt, (result) => verdicts.push(result.outcome), stop.signal)
  return verdicts
}

describe('probing', () => {
  test('a program that gets ready is seen before the period is over', async () => {
    const verdicts = verdictsOf('startup', { periodSeconds: anHour }, [failure, failure, success])
    expect(await verdicts).toEqual(['success'])
  })

  test('tries between the scheduled times do not count as failures', async () => {
    const probe = { periodSeconds: anHour, failureThreshold: 2 }
    expect(await verdictsOf('readiness', probe, [failure, failure, failure, failure])).toEqual([])
  })

  test('scheduled failures count up to the threshold', async () => {
    const probe = { periodSeconds: 0.001, failureThreshold: 2 }
    expect(await verdictsOf('liveness', probe, [success, failure, success, failure, failure])).toEqual([
      'success',
      'success',
      'failure',
    ])
  })

  test('nothing is tried once the signal has fired', async () => {
    let attempts = 0
    const attempt = async (): Promise<ProbeResult> => {
      attempts += 1
      return success
    }
    await runProbe('readiness', { initialDelaySeconds: anHour }, attempt, () => {}, AbortSignal.abort())
    expect(attempts).toBe(0)
  })
})

describe('an attempt', () => {
  const servers: Server[] = []
  const container: Container = { name: 'main', image: 'x', ports: [] }
  const surroundings = {
    env: { PATH: '/usr/bin:/bin', WORD: 'seen' },
    cwd: '/',
    rewrite: (text: string) => text.replaceAll('/mounted', '/bin'),
  }
  const attempt = (probe: Probe, timeoutMs = 10_000): Promise<ProbeResult> =>
    attemptProbe(container, probe, surroundings, timeoutMs)

  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  async function serve(status: number | 'silence'): Promise<number> {
    const server = createServer((_, response) => {
      if (status !== 'silence') response.writeHead(status).end()
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  test('by HTTP succeeds from 200 to 399', async () => {
    expect(await attempt({ httpGet: { port: await serve(204), path: '/x' } })).toEqual(success)
    expect(await attempt({ httpGet: { port: await serve(302) } })).toEqual(success)
    expect(await attempt({ httpGet: { port: await serve(503) } })).toEqual({
      outcome: 'failure',
      message: 'HTTP probe failed with statuscode: 503',
    })
  })

  test('by HTTP fails without an answer in time', async () => {
    expect((await attempt({ httpGet: { port: await serve('silence') } }, 50)).outcome).toBe('failure')
  })

  test('by TCP succeeds when something listens', async () => {
    const port = await serve(200)
    expect(await attempt({ tcpSocket: { port } })).toEqual(success)
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
    expect((await attempt({ tcpSocket: { port } })).outcome).toBe('failure')
  })

  test('by a command runs in the surroundings of the container', async () => {
    expect(await attempt({ exec: { command: ['/mounted/sh', '-c', '[ "$WORD" = seen ]'] } })).toEqual(success)
    expect(await attempt({ exec: { command: ['/bin/sh', '-c', 'echo why >&2; exit 1'] } })).toEqual({
      outcome: 'failure',
      message: 'why',
    })
    expect(await attempt({ exec: { command: ['/no/such/program'] } })).toMatchObject({ outcome: 'failure' })
  })

  test('by a command that does not end in time fails', async () => {
    expect(await attempt({ exec: { command: ['/bin/sleep', '60'] } }, 50)).toEqual({
      outcome: 'failure',
      message: 'command timed out after 0.05s',
    })
  })

  test('of an unknown kind or port fails with a word', async () => {
    expect((await attempt({})).outcome).toBe('failure')
    expect((await attempt({ httpGet: { port: 'nowhere' } })).outcome).toBe('failure')
  })
})
