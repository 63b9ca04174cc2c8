import { spawn } from 'node:child_process'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { killGroup } from './container-process.ts'
import { podIp } from './pod-status.ts'
import type { Container, Probe } from './pod-types.ts'
import { countProbe, type ProbeCount } from './probe-count.ts'

/** The process surroundings in which exec probes and hooks run. */
export interface ExecSurroundings {
  env: Record<string, string>
  cwd: string
  rewrite(text: string): string
}

export type ProbeResult = { outcome: 'success' } | { outcome: 'failure'; message: string }

/** How soon a probe that never succeeded is tried again between its scheduled times. */
const eagerGapMs = 100

/**
 * Probes until the signal and reports every verdict. Before its first success a startup or readiness probe is also tried
 * between the scheduled times, so that a program which is up after 300 ms need not wait out its period; only scheduled
 * tries count as failures.
 */
export async function runProbe(
  kind: 'startup' | 'liveness' | 'readiness',
  probe: Probe,
  attempt: (timeoutMs: number) => Promise<ProbeResult>,
  report: (result: ProbeResult) => void,
  signal: AbortSignal,
): Promise<void> {
  const periodMs = (probe.periodSeconds ?? 10) * 1_000
  const thresholds = { successThreshold: probe.successThreshold ?? 1, failureThreshold: probe.failureThreshold ?? 3 }
  let dueMs = Date.now() + (probe.initialDelaySeconds ?? 0) * 1_000
  let count: ProbeCount | undefined
  let succeeded = false
  let gapMs = eagerGapMs
  // Not read off the clock: a timer can end a moment before the time it was set to.
  let scheduled = true
  await pause(dueMs - Date.now(), signal)
  while (!signal.aborted) {
    const result = await attempt((probe.timeoutSeconds ?? 1) * 1_000)
    if (signal.aborted) return
    if (scheduled || result.outcome === 'success') {
      const counted = countProbe(count, result.outcome, thresholds)
      count = counted.count
      if (counted.verdict !== 'open') report(result)
      if (counted.verdict === 'success') succeeded = true
    }
    if (kind === 'startup' && succeeded) return
    if (scheduled) dueMs = Math.max(dueMs + periodMs, Date.now())
    const untilDueMs = dueMs - Date.now()
    const between = kind !== 'liveness' && !succeeded && gapMs < untilDueMs
    await pause(between ? gapMs : untilDueMs, signal)
    scheduled = !between
    gapMs = Math.min(2_000, gapMs * 1.3)
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => {})
}

/** One try of a probe. Never throws. */
export async function attemptProbe(
  container: Container,
  probe: Probe,
  surroundings: ExecSurroundings,
  timeoutMs: number,
): Promise<ProbeResult> {
  try {
    if (probe.exec) return await execProbe(probe.exec.command ?? [], surroundings, timeoutMs)
    if (probe.httpGet) return await httpProbe(container, probe.httpGet, timeoutMs)
    if (probe.tcpSocket) return await tcpProbe(container, probe.tcpSocket, timeoutMs)
    return { outcome: 'failure', message: 'the process node has exec, http and tcp probes only' }
  } catch (error) {
    return { outcome: 'failure', message: error instanceof Error ? error.message : String(error) }
  }
}

function portOf(container: Container, port: number | string): number {
  if (typeof port === 'number') return port
  const named = container.ports?.find(({ name }) => name === port)
  return named?.containerPort ?? Number(port)
}

/** Runs a command beside a container, in its surroundings. Never throws. */
export function execProbe(
  command: readonly string[],
  surroundings: ExecSurroundings,
  timeoutMs: number,
): Promise<ProbeResult> {
  const [program = '', ...args] = command.map((word) => surroundings.rewrite(word))
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: surroundings.cwd,
      env: surroundings.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const collect = (chunk: Buffer): void => {
      if (output.length < 1_024) output += chunk.toString('utf8')
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    const timer = setTimeout(() => {
      if (child.pid !== undefined) killGroup(child.pid)
      resolve({ outcome: 'failure', message: `command timed out after ${timeoutMs / 1_000}s` })
    }, timeoutMs)
    child.once('error', (error) => {
      clearTimeout(timer)
      resolve({ outcome: 'failure', message: error.message })
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      if (child.pid !== undefined) killGroup(child.pid)
      resolve(
        code === 0 ? { outcome: 'success' } : { outcome: 'failure', message: output.trim() || `exit code ${code}` },
      )
    })
  })
}

function httpProbe(
  container: Container,
  action: NonNullable<Probe['httpGet']>,
  timeoutMs: number,
): Promise<ProbeResult> {
  const host = action.host || podIp
  const port = portOf(container, action.port)
  const url = `${(action.scheme ?? 'HTTP').toLowerCase()}://${host}:${port}${action.path ?? '/'}`
  const headers = Object.fromEntries((action.httpHeaders ?? []).map(({ name, value }) => [name, value]))
  return new Promise((resolve) => {
    const options = { headers: { 'user-agent': 'kube-probe/amx', ...headers }, agent: false as const }
    const signal = AbortSignal.timeout(timeoutMs)
    const request =
      action.scheme === 'HTTPS'
        ? httpsRequest(url, { ...options, signal, rejectUnauthorized: false })
        : httpRequest(url, { ...options, signal })
    request.once('error', (error) => resolve({ outcome: 'failure', message: `Get "${url}": ${error.message}` }))
    request.once('response', (response) => {
      const status = response.statusCode ?? 0
      response.once('error', () => {})
      response.resume()
      if (status >= 200 && status < 400) resolve({ outcome: 'success' })
      else resolve({ outcome: 'failure', message: `HTTP probe failed with statuscode: ${status}` })
    })
    request.end()
  })
}

function tcpProbe(
  container: Container,
  action: NonNullable<Probe['tcpSocket']>,
  timeoutMs: number,
): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const port = portOf(container, action.port)
    const socket = connect({ host: action.host || podIp, port, timeout: timeoutMs })
    const fail = (message: string): void => {
      socket.destroy()
      resolve({ outcome: 'failure', message })
    }
    socket.once('connect', () => {
      socket.destroy()
      resolve({ outcome: 'success' })
    })
    socket.once('timeout', () => fail(`dial tcp ${podIp}:${port}: i/o timeout`))
    socket.once('error', (error) => fail(error.message))
  })
}
