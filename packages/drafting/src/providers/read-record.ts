/** A JSON object of a reply, of which nothing is known yet. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** The value as a JSON object; an empty one when it is something else. */
export function recordOf(value: unknown): JsonRecord {
  return isRecord(value) ? value : {}
}

/** The objects of a list; none when the value is no list. */
export function recordsOf(value: unknown): JsonRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** The text, or null when the value is none or says nothing. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
