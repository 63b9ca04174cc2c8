import { cosine } from './embedding.ts'

/** What {@link diversify} chooses among. */
export interface ScoredCandidate {
  /** Relevance; only the proportions matter. */
  readonly score: number
  /** Unit vector. */
  readonly vector: Float32Array
}

/**
 * The best `limit` candidates by maximal marginal relevance (Carbonell, Goldstein 1998): each step takes the one with the
 * highest `lambda` × relevance − (1 − `lambda`) × likeness to what is taken already. Relevance is scaled so that the best has 1
 * and the last 0: fused ranks lie so close together that likeness alone would decide.
 */
export function diversify<Candidate extends ScoredCandidate>(
  candidates: readonly Candidate[],
  limit: number,
  lambda = 0.7,
): Candidate[] {
  const scores = candidates.map(({ score }) => score)
  const least = Math.min(...scores)
  const span = Math.max(...scores) - least || 1
  const open = candidates.map((candidate) => ({ candidate, likeness: 0 }))
  const taken: Candidate[] = []
  while (taken.length < limit && open.length > 0) {
    let choice = 0
    let highest = Number.NEGATIVE_INFINITY
    for (const [index, { candidate, likeness }] of open.entries()) {
      const value = (lambda * (candidate.score - least)) / span - (1 - lambda) * likeness
      if (value > highest) {
        highest = value
        choice = index
      }
    }
    const [chosen] = open.splice(choice, 1)
    if (chosen === undefined) break
    taken.push(chosen.candidate)
    for (const entry of open) {
      entry.likeness = Math.max(entry.likeness, cosine(entry.candidate.vector, chosen.candidate.vector))
    }
  }
  return taken
}
