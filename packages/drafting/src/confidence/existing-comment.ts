import { splitName } from '../evidence/name-words.ts'
import { claimsOf } from './claims.ts'
import type { EvidenceSubject } from './evidence-subject.ts'
import { standsIn } from './text-words.ts'

/** What a text that people wrote before is worth: kept as an alternative to the letter, or doubted with the reason. */
export type JudgedText = { readonly kept: string } | { readonly doubted: string } | null

/** Judges the comment that is already there: what the database says is preferred unless name and values speak against it. */
export function existingComment(subject: EvidenceSubject): JudgedText {
  // An alternative can reach a judge; of an excluded column nothing but name and type may leave.
  if (subject.facts?.profile?.heldBack === 'Excluded') return null
  const written = (subject.facts === null ? subject.table.catalog.comment : subject.facts.column.comment) ?? ''
  const judged = judgeProvided(written, subject, 'the existing comment')
  // A table's comment speaks of what its rows mean, which its name need not.
  if (judged === null || 'doubted' in judged || subject.facts === null) return judged
  const comment = written.trim()
  const named = claimsOf(comment, subject).find(({ kind }) => kind === 'Name')
  const { values } = subject.facts
  if (
    named === undefined ||
    named.support > 0 ||
    subject.clarity < 0.5 ||
    values.some((value) => standsIn(comment, value))
  )
    return judged
  return { doubted: 'the existing comment shares no word with the name; check it' }
}

/** Judges a text that is said to describe an asset; `what` names it in the doubt. Null for a blank one. */
export function judgeProvided(written: string, subject: EvidenceSubject, what: string): JudgedText {
  const text = written.trim()
  if (text === '') return null
  if (/^(?:todo|tbd|n\/?a|none|null|unknown|test|xxx|-+|\?+)\.?$/i.test(text))
    return { doubted: `${what} is a placeholder` }
  const name = subject.facts?.column.name
  if (name !== undefined && splitName(text).join('') === splitName(name).join(''))
    return { doubted: `${what} only repeats the name` }
  if (claimsOf(text, subject).some(({ support }) => support < 0))
    return { doubted: `${what} contradicts what the profile shows; check it` }
  return { kept: written }
}
