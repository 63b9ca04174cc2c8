import { usageError } from '../../connection/connection-options.ts'

/** The number of `--limit`. Throws AMX-1014 for anything but a whole number from 1. */
export function parseCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1) return count
  throw usageError(`--limit ${text}: write a whole number`)
}
