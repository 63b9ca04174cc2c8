import { parseAssetPath, type TableProfile } from '@amx/api'
import { type ColumnFacts, referencedColumn } from '../evidence/column-facts.ts'
import { splitName } from '../evidence/name-words.ts'
import { entityOf } from '../evidence/table-words.ts'
import { isNumeric } from '../evidence/type-family.ts'
import { columnPhrase, rolePhrase } from './column-phrase.ts'
import { isParticiple } from './described-moment.ts'
import { readable, undocumented } from './described-unknown.ts'
import { capitalized, joinedList } from './joined-list.ts'
import { type Description, noun } from './openings.ts'

/** What to say about a column that identifies something, `general` being the facts any column can have. */
export function identifier(facts: ColumnFacts, table: TableProfile, general: readonly (string | null)[]): Description {
  const { entity, entities } = facts.table
  const role = rolePhrase(facts)
  const phrase = columnPhrase(facts)
  const surrogate = isSurrogate(facts)
  const referenced = [referencedSentence(facts, table)].filter((sentence) => sentence !== null)
  // The range of a key says nothing about what it identifies.
  const further = [generatedSentence(facts), general[2] ?? null]
  if (facts.isPrimaryKey && surrogate) {
    const value = facts.family === 'UUID' ? 'UUID' : isNumeric(facts.family) ? 'number' : 'value'
    const openings = [
      `Unique identifier of the ${entity}; the primary key of the table.`,
      `Identifies each ${entity} uniquely and serves as the primary key.`,
      `Primary key: one distinct ${value} for every ${entity}.`,
      `${capitalized(value)} by which one ${entity} is told from every other; the primary key.`,
      `Key that identifies the ${entity} wherever other tables refer to it.`,
    ]
    return { openings, essential: referenced, further }
  }
  if (facts.clarity < readable) return undocumented(facts, 'Identifier', general)
  if (facts.isPrimaryKey || facts.isUnique) {
    const unique = facts.isPrimaryKey ? ', unique and used as the primary key' : ', unique to it'
    return { openings: noun(phrase, facts, unique), essential: referenced, further }
  }
  const key = [keySentence(facts)].filter((sentence) => sentence !== null)
  const other = role === '' || sameWords(role, entity) ? null : role
  if (other === null) {
    const openings = [
      `Identifier of the ${entity}.`,
      `Tells which ${entity} the row is about.`,
      `Identifies the ${entity}.`,
      `Key by which ${entities} are told apart.`,
      `States which ${entity} is meant.`,
    ]
    return { openings, essential: key, further }
  }
  const openings = surrogate
    ? [
        `Identifier of the ${other} recorded for the ${entity}.`,
        `Identifies the ${other} that the ${entity} names.`,
        `States which ${other} the ${entity} names, by its identifier.`,
        `For every ${entity}, the identifier of its ${other}.`,
        `Key of the ${other} noted with the ${entity}.`,
      ]
    : noun(phrase, facts)
  const undeclared = surrogate && table.catalog.kind === 'Table' ? 'No foreign key is declared for it.' : null
  return { openings, essential: key, further: [undeclared, ...further] }
}

/** What to say about a column that points to another row. */
export function foreignKey(facts: ColumnFacts, table: TableProfile, general: readonly (string | null)[]): Description {
  const { entity } = facts.table
  const target = facts.reference?.otherTable ?? ''
  const other = entityOf(target)
  const shown = targetName(target, table)
  const column = referencedColumn(facts)
  const refers = `refers to ${shown}${column === null ? '' : ` (${column})`}`
  const itself = target === table.catalog.path
  const key = [keySentence(facts)].filter((sentence) => sentence !== null)
  const further = [itself ? 'Points to another row of the same table.' : null, ...general.slice(2, 4)]
  const written = facts.clarity < readable ? '' : rolePhrase(facts)
  const preposition = /^(.*) (to|by|from|for|of|with|in)$/.exec(written)
  if (preposition !== null) {
    const [, verb = '', word = ''] = preposition
    const another = itself ? `other ${other}` : other
    const lead =
      isParticiple(verb) && word === 'by'
        ? `${capitalized(another)} by whom the ${entity} was ${verb}`
        : `${capitalized(another)} that the ${entity} ${verb} ${word}`
    const low = lead.charAt(0).toLowerCase() + lead.slice(1)
    const openings = [
      `${lead}; ${refers}.`,
      `States the ${low}; ${refers}.`,
      `Identifies the ${low}; ${refers}.`,
      `Link to the ${low}; ${refers}.`,
      `Key of the ${low}; ${refers}.`,
    ]
    return { openings, essential: key, further }
  }
  const role = written === '' || (itself && written === entity) ? other : written
  const openings = [
    `${capitalized(role)} of the ${entity}; ${refers}.`,
    `Identifies the ${role} of the ${entity}; ${refers}.`,
    `Links the ${entity} to its ${role}; ${refers}.`,
    `Key of the ${role} recorded for the ${entity}; ${refers}.`,
    `States which ${role} the ${entity} has; ${refers}.`,
  ]
  // `Customer of the customer address` reads oddly; what belongs to the other end is said the other way round.
  if (entity.startsWith(`${role} `)) openings[0] = `${capitalized(role)} that the ${entity} belongs to; ${refers}.`
  return { openings, essential: key, further }
}

/** A sentence on a composite primary key; null for other columns. */
export function keySentence(facts: ColumnFacts): string | null {
  if (facts.keyPartners.length === 0) return null
  return `Part of the primary key, together with ${joinedList(facts.keyPartners)}.`
}

/** A sentence on the tables that refer to the column; null when none does. */
export function referencedSentence(facts: ColumnFacts, table: TableProfile): string | null {
  const others = facts.referencedBy.map(({ otherTable }) => otherTable).filter((path) => path !== table.catalog.path)
  const names = [...new Set(others)].map((path) => targetName(path, table))
  if (names.length === 0) return null
  return names.length <= 3
    ? `Referenced by ${joinedList(names)}.`
    : `Referenced by ${names.slice(0, 2).join(', ')} and ${names.length - 2} more tables.`
}

function generatedSentence(facts: ColumnFacts): string | null {
  const assigned =
    facts.column.identity === true ||
    /nextval|autoincrement|gen_random_uuid|uuid_generate/i.test(facts.column.default ?? '')
  return assigned ? 'Assigned by the database when a row is inserted.' : null
}

function isSurrogate(facts: ColumnFacts): boolean {
  return facts.family === 'UUID' || /^(?:id|sk|key|pk|uuid|guid|oid)$/.test(splitName(facts.column.name).at(-1) ?? '')
}

function targetName(path: string, table: TableProfile): string {
  const parts = parseAssetPath(path)
  const own = parseAssetPath(table.catalog.path)
  return parts.length === own.length && parts.at(-2) === own.at(-2) ? (parts.at(-1) ?? path) : parts.join('.')
}

function sameWords(a: string, b: string): boolean {
  return a === b || b.endsWith(` ${a}`) || a.endsWith(` ${b}`)
}
