import type { MetadataRun } from '@amx/api'
import { harmless } from '../output/paint.ts'
import { explanation } from './run-line.ts'

/** What a person may want to know and do now that a run is settled. */
export function nextStep(run: MetadataRun): string[] {
  const { name } = run.metadata
  const lines = [harmless(explanation(run))].filter(Boolean)
  const { phase, review } = run.status ?? {}
  if (phase === 'AwaitingReview' && !lines.some((line) => line.includes('kubectl amx review'))) {
    return [...lines, `Review:  kubectl amx review ${name}`]
  }
  if (phase === 'Succeeded' && review !== undefined && review.queued > 0) {
    return [...lines, `Write what was accepted:  kubectl amx apply ${name}`]
  }
  return lines
}
