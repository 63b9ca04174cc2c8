/** Longest wait before another try, whatever the server asks for. */
export const longestDelayMs = 60_000

const baseDelayMs = 500
const longestJitterMs = 20_000

/**
 * Milliseconds to wait before the next try: what the server asks for, capped, else full jitter over a doubling span
 * ("Exponential Backoff and Jitter", AWS Architecture Blog, 2015). `failures` counts tries so far, from 1.
 */
export function retryDelayMs(
  failures: number,
  headers: Headers | undefined,
  random: () => number = Math.random,
): number {
  const asked = retryAfterMs(headers)
  // Many callers were told the same; a little noise keeps them from coming back in one instant.
  if (asked !== null) return Math.min(longestDelayMs, asked + random() * 250)
  return random() * Math.min(longestJitterMs, baseDelayMs * 2 ** failures)
}

/** The wait a reply asks for, by `retry-after-ms`, or `Retry-After` in seconds or as HTTP date; null when it names none. */
export function retryAfterMs(headers: Headers | undefined, now: number = Date.now()): number | null {
  const milliseconds = headers?.get('retry-after-ms')?.trim()
  if (milliseconds !== undefined && /^\d+(?:\.\d+)?$/.test(milliseconds)) return Number(milliseconds)
  const text = headers?.get('retry-after')?.trim()
  if (text === undefined || text === '') return null
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1_000
  const date = Date.parse(text)
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}
