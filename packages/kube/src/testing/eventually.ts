import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves with the first value that is neither undefined nor false; throws what is awaited after the limit. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  limitMs = 20_000,
): Promise<Exclude<T, undefined | false>> {
  const deadlineMs = Date.now() + limitMs
  for (;;) {
    const value = await look()
    if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>
    if (Date.now() > deadlineMs) throw new Error(`waited in vain until ${what}`)
    await sleep(10)
  }
}
