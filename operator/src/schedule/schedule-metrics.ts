import { Counter, Histogram, type Registry } from 'prom-client'

/** What the operator counts about schedules. */
export interface ScheduleMetrics {
  /** A run was created; `latenessMs` after its time, null where it has none. */
  fired(latenessMs: number | null): void
  missed(times: number): void
  skipped(): void
}

/**
 * Registers `amx_schedule_fired_total`, `amx_schedule_missed_total`, `amx_schedule_skipped_total` and
 * `amx_schedule_lateness_seconds`.
 */
export function createScheduleMetrics(registry: Registry): ScheduleMetrics {
  const registers = [registry]
  const counter = (name: string, help: string) => new Counter({ name, help, registers })
  const fired = counter('amx_schedule_fired_total', 'Runs that schedules started.')
  const missed = counter('amx_schedule_missed_total', 'Times that came while no operator looked, for too long.')
  const skipped = counter('amx_schedule_skipped_total', 'Times left out since a run still went on.')
  const lateness = new Histogram({
    name: 'amx_schedule_lateness_seconds',
    help: 'From the time of a schedule to the creation of its run.',
    buckets: [0.1, 0.5, 1, 5, 30, 60, 300, 600],
    registers,
  })
  return {
    fired(latenessMs) {
      fired.inc()
      if (latenessMs !== null) lateness.observe(latenessMs / 1000)
    },
    missed: (times) => missed.inc(times),
    skipped: () => skipped.inc(),
  }
}
