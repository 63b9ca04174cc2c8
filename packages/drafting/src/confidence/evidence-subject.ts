import type { TableProfile } from '@amx/api'
import { type ColumnFacts, columnFacts } from '../evidence/column-facts.ts'
import { clarityOf, type NameWord } from '../evidence/name-words.ts'
import { readTable, type TableWords } from '../evidence/table-words.ts'

/** What a text is about and what is known about it: the ground its claims are checked on. */
export interface EvidenceSubject {
  readonly table: TableProfile
  readonly tableWords: TableWords
  /** Null when the text is about the table itself. */
  readonly facts: ColumnFacts | null
  readonly words: readonly NameWord[]
  readonly clarity: number
}

/** The subject for a column of the table, or for the table itself when `column` is null. */
export function evidenceSubject(table: TableProfile, column: string | null): EvidenceSubject {
  const tableWords = readTable(table.catalog)
  const facts = column === null ? null : columnFacts(table, column, tableWords)
  const words = facts?.words ?? tableWords.words
  return { table, tableWords, facts, words, clarity: facts?.clarity ?? clarityOf(words) }
}
