import { diffWordsWithSpace } from 'diff'
import { harmless, type Paint } from '../../output/paint.ts'

/** Text with what it lacks of another in [-…-] and what it has beyond it in {+…+}, as git's word diff marks them. */
export function wordChanges(before: string, after: string, paint: Paint): string {
  return diffWordsWithSpace(harmless(before), harmless(after))
    .map(({ value, added, removed }) => {
      if (added) return paint('green', `{+${value}+}`)
      return removed ? paint('red', `[-${value}-]`) : value
    })
    .join('')
}
