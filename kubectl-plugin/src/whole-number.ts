import { usageError } from './connection/connection-options.ts'

/** The number of a flag. Throws AMX-1014 for anything but a whole number within the bounds. */
export function wholeNumber(
  text: string,
  flag: string,
  { atLeast, atMost = Number.MAX_VALUE }: { readonly atLeast: 0 | 1; readonly atMost?: number },
): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= atLeast && value <= atMost) return value
  throw usageError(`${flag} ${text}: write a whole number`)
}
