/** Time as the runtime sees it; a test replaces it to move time by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls back once after the delay and returns what cancels it. */
  after(delayMs: number, callback: () => void): () => void
}

// setTimeout fires at once for delays beyond a signed 32-bit integer.
const longestTimerMs = 2 ** 31 - 1

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), longestTimerMs))
    return () => clearTimeout(timer)
  },
}

/** Resolves after the delay, or at once when the signal is aborted; never rejects. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve()
      return
    }
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    function onAbort(): void {
      cancel()
      resolve()
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** Resolves when the promise has settled, in whatever way, or after the limit; leaves no timer behind. */
export async function settledWithin(promise: Promise<unknown>, limitMs: number, clock: Clock): Promise<void> {
  let cancel = (): void => {}
  const limit = new Promise<void>((resolve) => {
    cancel = clock.after(limitMs, resolve)
  })
  await Promise.race([promise.catch(() => undefined), limit])
  cancel()
}
