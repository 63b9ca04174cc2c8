/** Adds a feature to a vector at the slot and with the sign its hash (FNV-1a) gives. */
export function addFeature(vector: Float32Array, feature: string, weight: number): void {
  let hash = 0x811c9dc5
  for (let index = 0; index < feature.length; index += 1) hash = Math.imul(hash ^ feature.charCodeAt(index), 0x01000193)
  hash ^= hash >>> 15
  const slot = (hash >>> 0) % vector.length
  vector[slot] = (vector[slot] ?? 0) + (hash & 0x40000000 ? weight : -weight)
}

/** Scales a vector to length 1, in place; one of zeros stays as it is. */
export function normalize(vector: Float32Array): Float32Array {
  let squares = 0
  for (const value of vector) squares += value * value
  if (squares > 0) {
    const length = Math.sqrt(squares)
    for (let index = 0; index < vector.length; index += 1) vector[index] = (vector[index] ?? 0) / length
  }
  return vector
}
