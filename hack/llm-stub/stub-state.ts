import { type CallLog, callLog } from './call-log.ts'
import { type FaultSchedule, faultSchedule } from './fault-schedule.ts'
import { seededRandom } from './seeded-random.ts'
import { defaultSettings, type StubSettings, withSettings } from './stub-options.ts'

/** The settings in force, what was called, and where each schedule stands. */
export interface StubState {
  readonly settings: StubSettings
  readonly log: CallLog
  readonly schedule: FaultSchedule
  /** The latency of the next answer, in milliseconds. */
  nextLatencyMs(): number
  /** Replaces the settings given; new faults start with counters at zero. Throws a RangeError as `withSettings` does. */
  configure(change: unknown): void
  /** Back to the settings of the start, an empty log, counters at zero. */
  reset(): void
}

/** The state of a stub that starts with these settings. */
export function stubState(initial: unknown): StubState {
  const initialSettings = withSettings(defaultSettings, initial)
  const fresh = (settings: StubSettings) => ({
    settings,
    schedule: faultSchedule(settings.faults, settings.seed),
    random: seededRandom(settings.seed),
  })
  let current = fresh(initialSettings)
  let log = callLog()
  return {
    get settings() {
      return current.settings
    },
    get log() {
      return log
    },
    get schedule() {
      return current.schedule
    },
    nextLatencyMs() {
      const { latencyMs } = current.settings
      if (typeof latencyMs === 'number') return latencyMs
      return latencyMs.minimumMs + current.random() * (latencyMs.maximumMs - latencyMs.minimumMs)
    },
    configure(change) {
      const settings = withSettings(current.settings, change)
      const keepsCounters = settings.faults === current.settings.faults && settings.seed === current.settings.seed
      current = keepsCounters ? { ...current, settings } : fresh(settings)
    },
    reset() {
      current = fresh(initialSettings)
      log = callLog()
    },
  }
}
