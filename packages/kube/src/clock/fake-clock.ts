import type { Clock } from './clock.ts'

/** A clock for tests that only moves when it is told to. */
export interface FakeClock extends Clock {
  /** Moves time forward, calling back every timer that falls due, in order, and letting promises settle between them. */
  advance(byMs: number): Promise<void>
  /** How many timers are waiting. */
  readonly pending: number
}

interface Timer {
  readonly dueMs: number
  readonly sequence: number
  readonly callback: () => void
}

/** A clock that stands still at `startMs` until it is advanced. */
export function createFakeClock(startMs = 1_000_000): FakeClock {
  let nowMs = startMs
  let sequence = 0
  const timers = new Set<Timer>()

  function nextDue(untilMs: number): Timer | undefined {
    return [...timers]
      .filter((timer) => timer.dueMs <= untilMs)
      .sort((a, b) => a.dueMs - b.dueMs || a.sequence - b.sequence)[0]
  }

  return {
    now: () => nowMs,
    after(delayMs, callback) {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), sequence: sequence++, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(byMs) {
      const untilMs = nowMs + byMs
      await settle()
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer)
        nowMs = Math.max(nowMs, timer.dueMs)
        timer.callback()
        await settle()
      }
      nowMs = untilMs
      await settle()
    },
    get pending() {
      return timers.size
    },
  }
}

// Promises that follow from a timer run as microtasks; one turn of the event loop lets all of them finish.
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
