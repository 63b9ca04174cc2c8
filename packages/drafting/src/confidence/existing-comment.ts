import { splitName } from '../evidence/name-words.ts'
import { claimsOf } from './claims.ts'
import type { EvidenceSubject } from './evidence-subject.ts'
import { standsIn } from './text-words.ts'

/** What an existing comment is worth: kept as the first alternative, or doubted with the reason. */
export type ExistingComment = { readonly kept: string } | { readonly doubted: string } | null

/** Judges the comment that is already there: what the database says is preferred unless name and values speak against it. */
export function existingComment(subject: EvidenceSubject): ExistingComment {
  const written = (subject.facts === null ? subject.table.catalog.comment : subject.facts.column.comment) ?? ''
  const comment = written.trim()
  if (comment === '') return null
  if (/^(?:todo|tbd|n\/?a|none|null|unknown|test|xxx|-+|\?+)\.?$/i.test(comment))
    return { doubted: 'the existing comment is a placeholder' }
  const name = subject.facts?.column.name
  if (name !== undefined && splitName(comment).join('') === splitName(name).join(''))
    return { doubted: 'the existing comment only repeats the name' }
  const claims = claimsOf(comment, subject)
  if (claims.some(({ support }) => support < 0))
    return { doubted: 'the existing comment contradicts what the profile shows; check it' }
  // A table's comment speaks of what its rows mean, which its name need not.
  if (subject.facts === null) return { kept: written }
  const named = claims.find(({ kind }) => kind === 'Name')
  const values = subject.facts?.values ?? []
  if (
    named === undefined ||
    named.support > 0 ||
    subject.clarity < 0.5 ||
    values.some((value) => standsIn(comment, value))
  )
    return { kept: written }
  return { doubted: 'the existing comment shares no word with the name; check it' }
}
