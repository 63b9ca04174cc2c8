/** How long to wait between attempts. */
export interface BackoffOptions {
  readonly firstMs: number
  readonly limitMs: number
  /** @default 2 */
  readonly factor?: number
  /** Share of the delay that is drawn at random, 0 to 1. @default 0.25 */
  readonly jitter?: number
}

/**
 * Milliseconds to wait before attempt `failures + 1`, where `failures` counts from 1: exponential, limited, and with
 * a random part taken away so that many clients do not come back together.
 */
export function backoffMs(options: BackoffOptions, failures: number, random: () => number = Math.random): number {
  const factor = options.factor ?? 2
  const jitter = options.jitter ?? 0.25
  const exponent = Math.min(Math.max(0, failures - 1), 64)
  const delayMs = Math.min(options.limitMs, options.firstMs * factor ** exponent)
  return Math.round(delayMs * (1 - jitter * random()))
}
