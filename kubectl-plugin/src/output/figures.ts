/** A whole number with its thousands apart: `15,844`. */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** A time as people say it: `0.4 s`, `14.1 s`, `2m 13s`, `1h 04m`. */
export function spokenDuration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  const two = (value: number) => String(value).padStart(2, '0')
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`
}

/** A time of RFC 3339 to the second. */
export function toSecond(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z')
}

/** Dollars with cents, or as many places as a small amount needs to be seen: `$0.00`, `$0.0084`, `$12.50`. */
export function dollars(amount: string): string {
  const value = Number(amount)
  if (!Number.isFinite(value)) return `$${amount}`
  return `$${value === 0 || value >= 1 ? value.toFixed(2) : value.toFixed(4)}`
}

/** `1 table`, `12 tables`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}
