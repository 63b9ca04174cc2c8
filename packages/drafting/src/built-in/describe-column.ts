import { parseAssetPath, type TableProfile, type Verbosity } from '@amx/api'
import { classifyColumn } from '../evidence/classify-column.ts'
import { type ColumnFacts, referencedColumn } from '../evidence/column-facts.ts'
import { phraseOf, readName, splitName } from '../evidence/name-words.ts'
import { singularOf, withArticle } from '../evidence/table-words.ts'
import { isNumeric } from '../evidence/type-family.ts'
import { columnPhrase, ownWords, rolePhrase, unitOf } from './column-phrase.ts'
import { areOpaque, contentClause, emptinessSentence, rangeSentence, valuesClause } from './column-values.ts'
import { describedMoment, isParticiple, momentNoun } from './described-moment.ts'
import { capitalized, joinedList } from './joined-list.ts'

/** Below this share of words that say something, the name does not tell what the column means. */
const readable = 0.5

/** How many further sentences follow the first, by verbosity. */
const furtherSentences: Readonly<Record<Verbosity, number>> = {
  Brief: 1,
  Detailed: 3,
  Comprehensive: 6,
  Exhaustive: 12,
}

/** Opening sentences that say the same in five ways, the further facts in their order, and which of these a brief text needs. */
interface Description {
  readonly openings: readonly string[]
  /** Facts a brief text should have too. */
  readonly essential: readonly string[]
  readonly further: readonly (string | null)[]
}

/** Five distinct texts about a column, the plainest first. */
export function describeColumn(facts: ColumnFacts, table: TableProfile, verbosity: Verbosity): string[] {
  const { openings, essential, further } = describedBy(facts, table)
  const rest = further.filter((sentence) => sentence !== null)
  const sentences = verbosity === 'Brief' ? essential : [...essential, ...rest]
  return openings.map((opening) => [opening, ...sentences.slice(0, furtherSentences[verbosity])].join(' '))
}

function describedBy(facts: ColumnFacts, table: TableProfile): Description {
  const general = [
    keySentence(facts),
    rangeSentence(facts, table),
    emptinessSentence(facts, table),
    referencedSentence(facts, table),
    defaultSentence(facts),
  ]
  const columnClass = classifyColumn(facts)
  if (columnClass === 'ForeignKey') return foreignKey(facts, table, general)
  if (columnClass === 'Identifier') return identifier(facts, table, general)
  if (columnClass === 'Audit')
    return { openings: varied(auditOpening(facts), facts), essential: [], further: general.slice(1) }
  if (facts.clarity < readable && !(columnClass === 'Nested' && facts.words.some(({ kind }) => kind === 'Known')))
    return undocumented(facts, columnClass, general)
  const key = [keySentence(facts)].filter((sentence) => sentence !== null)
  switch (columnClass) {
    case 'Flag':
      return { openings: flagOpenings(facts), essential: key, further: general.slice(2) }
    case 'Code':
      return code(facts, general)
    case 'DateTime':
      return { openings: varied(describedMoment(facts), facts), essential: key, further: general.slice(1) }
    case 'Measure':
      return { openings: measureOpenings(facts, table), essential: key, further: general.slice(1) }
    case 'Nested': {
      const form = /\[\]$|^_|array/i.test(facts.column.type)
        ? 'as a list'
        : /xml/i.test(facts.column.type)
          ? 'as XML'
          : 'as JSON'
      return { openings: noun(columnPhrase(facts), facts, `, kept ${form}`), essential: key, further: general.slice(1) }
    }
    default:
      return { openings: textOpenings(facts), essential: key, further: general.slice(1) }
  }
}

/** One phrase about the entity in five forms; `tail` follows it. */
function noun(phrase: string, facts: ColumnFacts, tail = ''): string[] {
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
function varied(opening: string, facts: ColumnFacts): string[] {
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

function identifier(facts: ColumnFacts, table: TableProfile, general: readonly (string | null)[]): Description {
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

function foreignKey(facts: ColumnFacts, table: TableProfile, general: readonly (string | null)[]): Description {
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

function code(facts: ColumnFacts, general: readonly (string | null)[]): Description {
  const { profile } = facts
  const phrase = columnPhrase(facts)
  const twoLetters = profile?.maximumLength === 2 && profile.minimumLength === 2
  const standard =
    profile?.pattern === 'CountryCode' || (twoLetters && /\bcountry\b/.test(phrase))
      ? `${phrase.replace(/ code$/, '')} code`
      : profile?.pattern === 'CurrencyCode'
        ? `${phrase.replace(/ code$/, '')} code`
        : null
  const key = [keySentence(facts)].filter((sentence) => sentence !== null)
  if (standard !== null)
    return { openings: noun(standard, facts, valuesClause(facts)), essential: key, further: general.slice(2) }
  const opaque = areOpaque(facts)
  const unsaid = opaque ? ['The meaning of the values is not documented.'] : []
  const clause = valuesClause(facts)
  const coded = opaque && !/code|number|status|level|grade|class/.test(phrase) ? `${phrase} code` : phrase
  return { openings: noun(coded, facts, clause), essential: [...unsaid, ...key], further: general.slice(2) }
}

function flagOpenings(facts: ColumnFacts): string[] {
  const { entity } = facts.table
  const words = ownWords(facts)
  const first = words[0]?.token ?? ''
  const rest = phraseOf(words.slice(1))
  const values = facts.family === 'Boolean' || facts.values.length === 0 ? '' : valuesClause(facts)
  const saying = (statement: string) => [
    `Whether ${statement}${values}.`,
    `States whether ${statement}${values}.`,
    `Marks whether ${statement}${values}.`,
    `Flag that tells whether ${statement}${values}.`,
    `Records whether ${statement}${values}.`,
  ]
  if ((first === 'is' || first === 'was') && rest !== '') return saying(`the ${entity} ${first} ${complementOf(rest)}`)
  if (first === 'has' && rest !== '') return saying(`the ${entity} has ${isPlural(rest) ? rest : withArticle(rest)}`)
  if ((first === 'can' || first === 'should') && rest !== '') return saying(`the ${entity} ${first} ${rest}`)
  const phrase = columnPhrase(facts).replace(/ (?:flag|indicator)$/, '')
  const last = phrase.split(' ').at(-1) ?? ''
  if (/^(?:toxic|subject|open|closed|entitled|allowed|free) (?:to|for|of) /.test(phrase))
    return saying(`the ${entity} is ${phrase}`)
  if (
    isParticiple(last) ||
    /(?:able|ible|ive|ful|less|ant|ent|ic|id)$|^(?:fragile|hardy|public|private|open|toxic|free|new|final|legal|valid|void|perennial|organic)$/.test(
      last,
    )
  )
    return saying(`the ${entity} is ${phrase}`)
  return noun(`${phrase} flag`, facts, values)
}

// Nouns want an article after `is`; what else stands there is taken for an adjective.
const nouns = new Set(
  'gift test template draft sample duplicate copy bundle subscription employee customer supplier partner member manager admin administrator guest owner company person business holiday weekend fraud spam bot'.split(
    ' ',
  ),
)

function complementOf(rest: string): string {
  if (rest === 'default' || rest === 'primary') return `the ${rest} one`
  return nouns.has(rest.split(' ').at(-1) ?? '') ? withArticle(rest) : rest
}

function measureOpenings(facts: ColumnFacts, table: TableProfile): string[] {
  const found = unitOf(facts)
  const named = found?.quantity ?? columnPhrase(facts)
  const phrase = /^(?:on|in|at) /.test(named)
    ? `quantity ${named}`
    : /^\w+ed$/.test(named)
      ? `${named} quantity`
      : named
  const unit = found === null ? currencyClause(phrase, facts, table) : `, in ${found.unit}`
  const counted = /^(.+) count$/.exec(phrase)?.[1]
  if (counted !== undefined) return noun(`number of ${pluralPhrase(counted)}`, facts, unit)
  if (facts.family === 'Integer' && found === null && isPlural(phrase)) return noun(`number of ${phrase}`, facts, unit)
  return noun(phrase, facts, unit)
}

function textOpenings(facts: ColumnFacts): string[] {
  const phrase = columnPhrase(facts)
  const done = /^(\w+) by$/.exec(phrase)?.[1]
  if (done !== undefined && isParticiple(done)) return varied(`By whom the ${facts.table.entity} was ${done}`, facts)
  const pattern = facts.profile?.pattern ?? null
  const word = (text: string) => new RegExp(`\\b${text}\\b`, 'i').test(phrase)
  if (pattern === 'Email' && !word('e-mail')) return noun(phrase, facts, ', an e-mail address')
  if (pattern === 'URL' && !word('URL')) return noun(phrase, facts, ', a web address')
  if (pattern === 'FreeText' && (word('note') || word('notes') || word('comment') || word('remark') || word('remarks')))
    return noun(phrase, facts, ', in free text')
  return noun(phrase, facts)
}

function undocumented(facts: ColumnFacts, columnClass: string, general: readonly (string | null)[]): Description {
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

function auditOpening(facts: ColumnFacts): string {
  const tokens = splitName(facts.column.name)
  const name = tokens.join(' ')
  const { entity } = facts.table
  const record = / (?:entry|record)$/.test(entity) ? `the ${entity}` : `the ${entity} record`
  const doing = /creat|insert/.test(name)
    ? 'created'
    : /delet/.test(name)
      ? 'marked as deleted'
      : /load|ingest|sync|etl|dwh?/.test(name)
        ? 'loaded'
        : /updat/.test(name)
          ? 'last updated'
          : /modif/.test(name)
            ? 'last modified'
            : 'last changed'
  if (/version|lock/.test(name)) return `Version number of ${record}`
  if (/ by$| user( id)?$/.test(name)) return `User by whom ${record} was ${doing}`
  if (/ id$|batch|run/.test(name)) return `Load or batch in which ${record} was written`
  return `${momentNoun(facts)} when ${record} was ${doing}`
}

function keySentence(facts: ColumnFacts): string | null {
  if (facts.keyPartners.length === 0) return null
  return `Part of the primary key, together with ${joinedList(facts.keyPartners)}.`
}

function referencedSentence(facts: ColumnFacts, table: TableProfile): string | null {
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

function defaultSentence(facts: ColumnFacts): string | null {
  const literal = /^'([^']{1,30})'(?:::.*)?$|^(-?[\d.]{1,12}|true|false)$/.exec(facts.column.default ?? '')
  const value = literal?.[1] ?? literal?.[2]
  return value === undefined ? null : `Defaults to ${value}.`
}

function currencyClause(phrase: string, facts: ColumnFacts, table: TableProfile): string {
  if (!/price|amount|total|cost|fee|balance|salary|revenue|payment|limit|spend/.test(phrase)) return ''
  const currency = table.catalog.columns.find(
    ({ name }) => name !== facts.column.name && /currency|curr|crncy/i.test(name),
  )
  return currency === undefined ? '' : `, in the currency given by ${currency.name}`
}

function isSurrogate(facts: ColumnFacts): boolean {
  return facts.family === 'UUID' || /^(?:id|sk|key|pk|uuid|guid|oid)$/.test(splitName(facts.column.name).at(-1) ?? '')
}

function targetName(path: string, table: TableProfile): string {
  const parts = parseAssetPath(path)
  const own = parseAssetPath(table.catalog.path)
  return parts.length === own.length && parts.at(-2) === own.at(-2) ? (parts.at(-1) ?? path) : parts.join('.')
}

function entityOf(path: string): string {
  const name = parseAssetPath(path).at(-1) ?? path
  const words = readName(name)
  const last = words.at(-1)
  return last === undefined ? name : phraseOf([...words.slice(0, -1), { ...last, word: singularOf(last.word) }])
}

function sameWords(a: string, b: string): boolean {
  return a === b || b.endsWith(` ${a}`) || a.endsWith(` ${b}`)
}

function isPlural(phrase: string): boolean {
  const last = phrase.split(' ').at(-1) ?? ''
  return last !== singularOf(last)
}

function pluralPhrase(phrase: string): string {
  return isPlural(phrase) ? phrase : `${phrase}s`.replace(/([^aeiou])ys$/, '$1ies')
}
