import type { LaunchedContainer } from './container-launch.ts'
import type { PodEventRecorder } from './pod-events.ts'
import type { Container } from './pod-types.ts'
import { attemptProbe, type ProbeResult, runProbe } from './probe.ts'

export type ProbeKind = 'startup' | 'liveness' | 'readiness'

const words: Record<ProbeKind, string> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' }

export interface ContainerProbesOptions {
  container: Container
  launched: LaunchedContainer
  record: PodEventRecorder
  report(kind: ProbeKind, outcome: ProbeResult['outcome']): void
  signal: AbortSignal
}

/** Probes a running container until the signal: the startup probe until it succeeds, then the two others. */
export async function probeContainer(options: ContainerProbesOptions): Promise<void> {
  const { container, launched, record, report, signal } = options
  const probe = async (kind: ProbeKind): Promise<void> => {
    const spec = container[`${kind}Probe`]
    if (spec === undefined || signal.aborted) return
    const attempt = (timeoutMs: number): Promise<ProbeResult> =>
      attemptProbe(container, spec, launched.surroundings, timeoutMs)
    const tell = (result: ProbeResult): void => {
      if (signal.aborted) return
      if (result.outcome === 'failure') record('Warning', 'Unhealthy', `${words[kind]} probe failed: ${result.message}`)
      report(kind, result.outcome)
    }
    await runProbe(kind, spec, attempt, tell, signal)
  }
  await probe('startup')
  await Promise.all([probe('liveness'), probe('readiness')])
}
