import { type Claim, claimsOf } from './claims.ts'
import type { EvidenceSubject } from './evidence-subject.ts'
import { existingComment } from './existing-comment.ts'
import { stemsOf } from './text-words.ts'

// A text that says itself that it does not know cannot be sure, however much else of it holds.
const meaningUnknown =
  /\b(?:undocumented|not documented|unknown meaning|meaning unknown|not evident|purpose (?:is )?(?:unclear|unknown)|neither name nor values)\b/i
const valuesUnknown = /\bmeaning of the values\b/i
const unknownMeaningLimit = 0.35
const unknownValuesLimit = 0.65

/**
 * How far the profile bears out a text, 0..1: claims supported minus claims contradicted, over their number and a half.
 * The half is what keeps little evidence from being certainty: one claim that holds gives 0.67, two 0.8, three 0.86.
 * Null when the text makes no claim that can be checked.
 */
export function evidenceScore(text: string, subject: EvidenceSubject): number | null {
  const claims = [...claimsOf(text, subject), ...agreement(text, subject)]
  if (claims.length === 0) return null
  const balance = claims.reduce((sum, { support }) => sum + support, 0)
  return Math.min(limitOf(text), Math.max(0, balance) / (claims.length + 0.5))
}

/** A comment that holds against the profile is evidence itself: saying what it says is supported. */
function agreement(text: string, subject: EvidenceSubject): Claim[] {
  const comment = existingComment(subject)
  if (comment === null || !('kept' in comment)) return []
  const said = stemsOf(text)
  const stems = [...stemsOf(comment.kept)].filter((stem) => stem.length > 3)
  if (stems.length === 0) return []
  return stems.filter((stem) => said.has(stem)).length >= stems.length / 2 ? [{ kind: 'Comment', support: 1 }] : []
}

function limitOf(text: string): number {
  if (valuesUnknown.test(text)) return unknownValuesLimit
  return meaningUnknown.test(text) ? unknownMeaningLimit : 1
}
