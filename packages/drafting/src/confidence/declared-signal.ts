import type { DeclaredConfidence } from '../reply/parsed-reply.ts'

/** What a model's word for its own confidence is worth. */
export const declaredScores: Readonly<Record<DeclaredConfidence, number>> = { high: 0.9, medium: 0.6, low: 0.3 }
