import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { logTail, type RunningProgram } from './process-group.ts'

/** An HTTPS address of the control plane, and the certificates to call it with. */
export interface HealthEndpoint {
  url: string
  caPath: string
  certificatePath?: string
  keyPath?: string
}

/**
 * Waits until the endpoint answers 200. Throws with the end of the program's log when the program ends first, when the
 * time is over, or when the signal aborts.
 */
export async function waitUntilHealthy(
  endpoint: HealthEndpoint,
  program: RunningProgram,
  options: { logPath: string; withinMs: number; signal?: AbortSignal | undefined },
): Promise<void> {
  const until = Date.now() + options.withinMs
  let ended = false
  program.exited.then(() => {
    ended = true
  })
  let lastAnswer = 'no connection'
  while (!ended && Date.now() < until) {
    options.signal?.throwIfAborted()
    const answer = await statusOf(endpoint)
    if (answer === 200) return
    lastAnswer = typeof answer === 'number' ? `HTTP ${answer}` : answer
    await delay(25)
  }
  const what = ended
    ? 'ended while starting'
    : `was not ready within ${Math.round(options.withinMs / 1000)} s (${lastAnswer})`
  throw new Error(`${program.name} ${what}. The end of ${options.logPath}:\n${logTail(options.logPath)}`)
}

/** The HTTP status of a GET, or why there is none. */
export function statusOf(endpoint: HealthEndpoint): Promise<number | string> {
  return new Promise((resolve) => {
    const call = request(
      endpoint.url,
      {
        ca: readFileSync(endpoint.caPath),
        ...(endpoint.certificatePath === undefined ? {} : { cert: readFileSync(endpoint.certificatePath) }),
        ...(endpoint.keyPath === undefined ? {} : { key: readFileSync(endpoint.keyPath) }),
        agent: false,
        timeout: 5_000,
      },
      (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      },
    )
    call.on('timeout', () => call.destroy(new Error('no answer within 5 s')))
    call.on('error', (error) => resolve(error.message))
    call.end()
  })
}
