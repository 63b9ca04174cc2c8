import { type MetadataRun, type RunSummary, runPhases } from '@amx/api'
import type { Store } from '@amx/kube'
import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client'

/** What the operator counts about runs, besides the runtime's own metrics. */
export interface RunMetrics {
  /** Notes the end of a run. */
  finished(run: MetadataRun, summary: RunSummary | null): void
}

const durationBuckets = [5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600]

/** Registers `amx_runs`, `amx_run_duration_seconds`, `amx_run_cost_usd_total`, `amx_runs_finished_total`, and those of the process. */
export function createRunMetrics(registry: Registry, runs: Store<MetadataRun>): RunMetrics {
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const byPhase = new Gauge({
    name: 'amx_runs',
    help: 'Runs in the cluster, by phase.',
    labelNames: ['phase'] as const,
    registers,
    collect() {
      const counts = new Map<string, number>(runPhases.map((phase) => [phase, 0]))
      for (const { status } of runs.list()) {
        const phase = status?.phase ?? 'Pending'
        counts.set(phase, (counts.get(phase) ?? 0) + 1)
      }
      for (const [phase, count] of counts) byPhase.set({ phase }, count)
    },
  })
  const finished = new Counter({
    name: 'amx_runs_finished_total',
    help: 'Runs that ended, by phase and reason.',
    labelNames: ['phase', 'reason'] as const,
    registers,
  })
  const duration = new Histogram({
    name: 'amx_run_duration_seconds',
    help: 'From the begin of a run to its end, waiting for people included.',
    labelNames: ['type', 'phase'] as const,
    buckets: durationBuckets,
    registers,
  })
  const cost = new Counter({
    name: 'amx_run_cost_usd_total',
    help: 'US dollars that ended runs spent on model calls, by model.',
    labelNames: ['model'] as const,
    registers,
  })
  return {
    finished({ spec, status }, summary) {
      const phase = status?.phase ?? 'Pending'
      const reason = status?.conditions?.find(({ type }) => type === 'Succeeded')?.reason ?? ''
      finished.inc({ phase, reason })
      if (status?.startTime !== undefined && status.completionTime !== undefined) {
        const seconds = (Date.parse(status.completionTime) - Date.parse(status.startTime)) / 1000
        duration.observe({ type: spec.type, phase }, seconds)
      }
      const amount = Number(summary?.cost.amount ?? 0)
      if (amount > 0) cost.inc({ model: summary?.model ?? '' }, amount)
    },
  }
}
