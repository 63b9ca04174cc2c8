import { setTimeout as delay } from 'node:timers/promises'
import type { LaunchedContainer } from './container-launch.ts'
import type { PodEventRecorder } from './pod-events.ts'
import type { Container } from './pod-types.ts'
import { execProbe } from './probe.ts'

/**
 * Runs a container's preStop hook (`exec` or `sleep`). It has the grace period at most; a pause ends with the container as
 * well. Never throws.
 */
export async function runPreStop(
  container: Container,
  launched: LaunchedContainer,
  graceMs: number,
  record: PodEventRecorder,
): Promise<void> {
  const hook = container.lifecycle?.preStop
  if (hook?.exec) {
    const result = await execProbe(hook.exec.command ?? [], launched.surroundings, graceMs)
    if (result.outcome === 'failure') record('Warning', 'FailedPreStopHook', result.message)
  } else if (hook?.sleep) {
    const over = new AbortController()
    const pause = delay(Math.min(graceMs, hook.sleep.seconds * 1_000), undefined, { signal: over.signal })
    await Promise.race([pause.catch(() => {}), launched.ended])
    over.abort()
  }
}
