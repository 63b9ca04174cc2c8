/**
 * Vectors as the reply cache keeps them: numbers in 8 bits, since thousands of 1,536 are kept and their cosines are shown with two
 * digits. Fresh ones pass through the same form, so that the same texts get the same scores.
 */
export function keepVectors(vectors: readonly (readonly number[])[]): string {
  return JSON.stringify({ vectors: vectors.map(quantized) })
}

/** The unit vectors that {@link keepVectors} wrote; null when the text is none of its. */
export function keptVectors(content: string): Float32Array[] | null {
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch {
    return null
  }
  const listed = typeof value === 'object' && value !== null && 'vectors' in value ? value.vectors : null
  if (!Array.isArray(listed)) return null
  const vectors = listed.map((text: unknown) => (typeof text === 'string' ? restored(text) : null))
  return vectors.every((vector) => vector !== null) ? vectors : null
}

function quantized(vector: readonly number[]): string {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const scale = largest === 0 ? 0 : 127 / largest
  return Buffer.from(Int8Array.from(vector, (value) => Math.round(value * scale)).buffer).toString('base64')
}

function restored(text: string): Float32Array {
  const bytes = new Int8Array(Buffer.from(text, 'base64'))
  const length = Math.sqrt(bytes.reduce((sum, value) => sum + value * value, 0))
  return Float32Array.from(bytes, (value) => (length === 0 ? 0 : value / length))
}
