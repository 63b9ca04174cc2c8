import type { TableProfile } from '@amx/api'
import { type EvidenceSubject, evidenceSubject } from '../confidence/evidence-subject.ts'
import { phraseOf } from '../evidence/name-words.ts'
import { plainLine } from '../evidence/quoted-data.ts'
import { entityOf } from '../evidence/table-words.ts'

/** Longest query, in characters; the search takes no more than 4,096. */
const longestQuery = 1_000
const valuesNamed = 8

/**
 * What is searched for about an asset: its name as written and in words, its table, what it refers to, its comment, and the
 * values of an enumeration. Values that were held back are not in the profile and so not in the query.
 */
export function contextQuery({ table, tableWords, facts, words }: EvidenceSubject): string {
  const { catalog } = table
  const parts =
    facts === null
      ? [tableWords.name, tableWords.entities, catalog.comment, ...catalog.columns.slice(0, 12).map(({ name }) => name)]
      : [
          facts.column.name,
          phraseOf(words),
          tableWords.name,
          tableWords.entity,
          facts.reference === null ? null : entityOf(facts.reference.otherTable),
          facts.column.comment?.slice(0, 300),
          ...facts.values.slice(0, valuesNamed).map((value) => value.slice(0, 60)),
        ]
  const said = parts.filter((part) => typeof part === 'string' && part.trim() !== '')
  return plainLine([...new Set(said)].join(' ')).slice(0, longestQuery)
}

/** What is searched for about a column of a table, or about the table itself when `column` is null. */
export function contextQueryOf(profile: TableProfile, column: string | null): string {
  return contextQuery(evidenceSubject(profile, column))
}
