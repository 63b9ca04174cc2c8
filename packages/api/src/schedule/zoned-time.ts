/** A reading of a wall clock as the milliseconds it would be in UTC: a number that can be compared and counted with. */
export type WallClock = number

export interface TimeZone {
  /** What its clocks show at an instant. */
  wallOf(instantMs: number): WallClock
  /** The latest that its clocks have shown up to an instant: later than what they show after they were set back. */
  latestWallOf(instantMs: number): WallClock
  /** When its clocks first show this, or where they leave it out, the first instant after the gap. */
  instantOf(wall: WallClock): number
}

// Further than any change of clocks moves them, the date line included.
const aroundMs = 36 * 3_600_000

/** A zone by its IANA name. Throws RangeError for a name that is none. */
export function openTimeZone(name: string): TimeZone {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: name, hourCycle: 'h23', era: 'short' },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })

  function wallOf(instantMs: number): WallClock {
    const parts = new Map(format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]))
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
    const second = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
    return second + (((instantMs % 1000) + 1000) % 1000)
  }

  function latestWallOf(instantMs: number): WallClock {
    return Math.max(wallOf(instantMs), wallOf(instantMs - aroundMs) + aroundMs)
  }

  function instantOf(wall: WallClock): number {
    const [before, after] = [wall - aroundMs, wall + aroundMs].map((near) => wallOf(near) - near) as [number, number]
    const exact = [wall - before, wall - after].filter((instant) => wallOf(instant) === wall)
    if (exact.length > 0) return Math.min(...exact)
    // In a gap: the clocks jump over it somewhere between the two.
    let [low, high] = [wall - Math.max(before, after), wall - Math.min(before, after)]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (wallOf(middle) < wall) low = middle
      else high = middle
    }
    return high
  }

  return { wallOf, latestWallOf, instantOf }
}
