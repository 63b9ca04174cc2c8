import { AmxError } from '../errors/amx-error.ts'

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** Milliseconds of a length of time such as `120s`, `4h` or `1h30m`. Throws AMX-1001 naming `fieldPath` for anything else. */
export function parseDurationMs(text: string, fieldPath: string): number {
  if (!/^([0-9]{1,9}(ms|s|m|h))+$/.test(text)) {
    throw new AmxError('AMX-1001', {
      field: fieldPath,
      problem: `"${text}" is not a length of time such as 90s, 4h or 1h30m`,
    })
  }
  let total = 0
  for (const [, amount, unit] of text.matchAll(/([0-9]+)(ms|s|m|h)/g)) {
    total += Number(amount) * unitMs[unit as keyof typeof unitMs]
  }
  return total
}
