import type { ColumnClass } from '../evidence/classify-column.ts'
import type { ColumnFacts } from '../evidence/column-facts.ts'
import { isNumeric } from '../evidence/type-family.ts'
import { contentClause } from './column-values.ts'
import { momentNoun } from './described-moment.ts'
import { capitalized } from './joined-list.ts'
import type { Description } from './openings.ts'

/** Below this share of words that say something, the name does not tell what the column means. */
export const readable = 0.5

/** What can honestly be said about a column whose name says nothing. */
export function undocumented(
  facts: ColumnFacts,
  columnClass: ColumnClass,
  general: readonly (string | null)[],
): Description {
  const { entity } = facts.table
  const kind =
    columnClass === 'Flag'
      ? 'flag'
      : columnClass === 'DateTime'
        ? momentNoun(facts).toLowerCase()
        : columnClass === 'Code' || columnClass === 'Identifier'
          ? 'code'
          : isNumeric(facts.family)
            ? 'number'
            : columnClass === 'Nested'
              ? 'document'
              : 'text'
  const content = contentClause(facts)
  const openings = [
    `Undocumented ${kind} of the ${entity}${content}. Neither name nor values tell what it means.`,
    `${capitalized(kind)} kept for the ${entity}${content}. What it means is not documented.`,
    `Holds a ${kind} for each ${entity}${content}, whose meaning is not documented.`,
    `Purpose not evident: a ${kind} of the ${entity}${content}.`,
    `For every ${entity}, a ${kind} of unknown meaning${content}.`,
  ]
  return { openings, essential: [], further: general.slice(1) }
}
