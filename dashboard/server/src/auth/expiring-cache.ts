/** Remembers answers for a while and asks only once for callers that come at the same time. */
export interface ExpiringCache<Value> {
  get(key: string, ask: () => Promise<{ readonly value: Value; readonly ttlMs: number }>): Promise<Value>
}

interface Entry<Value> {
  readonly answer: Promise<Value>
  /** Infinity while the answer is on its way. */
  expiresAt: number
}

/** A cache of at most `capacity` answers; a failure is remembered for nobody. `now` gives milliseconds. */
export function expiringCache<Value>(capacity: number, now: () => number = Date.now): ExpiringCache<Value> {
  const entries = new Map<string, Entry<Value>>()

  function makeRoom(): void {
    for (const [key, entry] of entries) if (entry.expiresAt <= now()) entries.delete(key)
    for (const key of entries.keys()) {
      if (entries.size < capacity) return
      entries.delete(key)
    }
  }

  return {
    get(key, ask) {
      const known = entries.get(key)
      if (known !== undefined && known.expiresAt > now()) return known.answer
      if (entries.size >= capacity) makeRoom()
      const asked = ask()
      const entry: Entry<Value> = { answer: asked.then((found) => found.value), expiresAt: Number.POSITIVE_INFINITY }
      entries.set(key, entry)
      asked.then(
        (found) => {
          entry.expiresAt = now() + found.ttlMs
        },
        () => {
          if (entries.get(key) === entry) entries.delete(key)
        },
      )
      return entry.answer
    },
  }
}
