import { claimsOf } from '../confidence/claims.ts'
import type { EvidenceSubject } from '../confidence/evidence-subject.ts'
import { standsIn } from '../confidence/text-words.ts'
import { splitName } from '../evidence/name-words.ts'

/** What an existing comment is worth: kept as the first alternative, or doubted with the reason. */
export type ProvidedComment = { readonly kept: string } | { readonly doubted: string } | null

/** Judges the comment that is already there: what the database says is preferred unless name and values speak against it. */
export function providedComment(subject: EvidenceSubject): ProvidedComment {
  const comment = (subject.facts === null ? subject.table.catalog.comment : subject.facts.column.comment)?.trim() ?? ''
  if (comment === '') return null
  if (/^(?:todo|tbd|n\/?a|none|null|unknown|test|xxx|-+|\?+)\.?$/i.test(comment))
    return { doubted: 'the existing comment is a placeholder' }
  const name = subject.facts?.column.name
  if (name !== undefined && splitName(comment).join('') === splitName(name).join(''))
    return { doubted: 'the existing comment only repeats the name' }
  const claims = claimsOf(comment, subject)
  if (claims.some(({ support }) => support < 0))
    return { doubted: 'the existing comment contradicts what the profile shows; check it' }
  const named = claims.find(({ kind }) => kind === 'Name')
  const values = subject.facts?.values ?? []
  if (
    named === undefined ||
    named.support > 0 ||
    subject.clarity < 0.5 ||
    values.some((value) => standsIn(comment, value))
  )
    return { kept: comment }
  return { doubted: 'the existing comment shares no word with the name; check it' }
}
