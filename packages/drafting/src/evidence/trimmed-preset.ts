import type { PromptDetail } from '@amx/api'
import { type DetailPreset, detailPresets } from './detail-preset.ts'

interface TrimStep {
  /** What is left out, in words. */
  readonly leaves: string
  readonly change: Partial<DetailPreset>
}

/** What is left out of evidence that does not fit a model's window, one after the other: what says least for its length first. */
export const trimSteps: readonly TrimStep[] = [
  { leaves: 'names of other columns', change: {} },
  { leaves: 'the view definition and usage', change: { usage: 'Hidden' } },
  { leaves: 'example values and frequencies', change: { samples: 0, distribution: 'Hidden' } },
  { leaves: 'comments of neighbours, schema and database', change: { surroundings: 'Hidden' } },
  { leaves: 'checks and unique keys', change: { constraints: 'Hidden' } },
  { leaves: 'references beyond the first', change: { references: 1 } },
  {
    leaves: 'all but the beginning of comments and allowed values',
    change: { commentCharacters: 160, allowedValues: 5 },
  },
]

/** The preset of a detail after so many steps of {@link trimSteps}. */
export function trimmedPreset(detail: PromptDetail, steps: number): DetailPreset {
  const changes = trimSteps.slice(0, steps).map(({ change }) => change)
  return Object.assign({}, detailPresets[detail], ...changes)
}

/** What so many steps left out, in words. */
export function trimmedWords(steps: number): string {
  return trimSteps
    .slice(0, steps)
    .map(({ leaves }) => leaves)
    .join(', ')
}
