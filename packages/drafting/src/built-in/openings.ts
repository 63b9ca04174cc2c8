import type { ColumnFacts } from '../evidence/column-facts.ts'
import { singularOf } from '../evidence/table-words.ts'
import { capitalized } from './joined-list.ts'

/** Opening sentences that say the same in five ways, the further facts in their order, and which of these a brief text needs. */
export interface Description {
  readonly openings: readonly string[]
  /** Facts a brief text should have too. */
  readonly essential: readonly string[]
  readonly further: readonly (string | null)[]
}

/** One phrase about the entity in five forms; `tail` follows it. */
export function noun(phrase: string, facts: ColumnFacts, tail = ''): string[] {
  const { entity } = facts.table
  const end = `${tail}.`
  const plural = isPlural(phrase)
  return [
    `${capitalized(phrase)} of the ${entity}${end}`,
    `${capitalized(phrase)} recorded for each ${entity}${end}`,
    `States the ${phrase} of the ${entity}${end}`,
    `For every ${entity}, the ${phrase}${end}`,
    `${plural ? 'The' : 'Holds the'} ${phrase} that ${plural ? 'belong' : 'belongs'} to the ${entity}${end}`,
  ]
}

/** A finished phrase in five forms. */
export function varied(opening: string, facts: ColumnFacts): string[] {
  const lower = opening.charAt(0).toLowerCase() + opening.slice(1)
  const { entity } = facts.table
  if (/^By whom /.test(opening))
    return [
      `${opening}.`,
      `States ${lower}.`,
      `Records ${lower}.`,
      `Tells ${lower}.`,
      `For every ${entity}, ${lower.replace(`the ${entity}`, 'it')}.`,
    ]
  return [
    `${opening}.`,
    `States the ${lower}.`,
    `Records the ${lower}.`,
    `For every ${entity}, the ${lower}.`,
    `Tells the ${lower}.`,
  ]
}

/** Whether the last word of a phrase is a plural. */
export function isPlural(phrase: string): boolean {
  const last = phrase.split(' ').at(-1) ?? ''
  return last !== singularOf(last)
}

/** The plural of a phrase that may be one already. */
export function pluralPhrase(phrase: string): string {
  return isPlural(phrase) ? phrase : `${phrase}s`.replace(/([^aeiou])ys$/, '$1ies')
}
