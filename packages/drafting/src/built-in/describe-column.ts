import type { TableProfile, Verbosity } from '@amx/api'
import { classifyColumn } from '../evidence/classify-column.ts'
import type { ColumnFacts } from '../evidence/column-facts.ts'
import { splitName } from '../evidence/name-words.ts'
import { columnPhrase } from './column-phrase.ts'
import { areOpaque, emptinessSentence, rangeSentence, valuesClause } from './column-values.ts'
import { flagOpenings } from './described-flag.ts'
import { foreignKey, identifier, keySentence, referencedSentence } from './described-key.ts'
import { measureOpenings } from './described-measure.ts'
import { describedMoment, isParticiple, momentNoun } from './described-moment.ts'
import { readable, undocumented } from './described-unknown.ts'
import { type Description, noun, varied } from './openings.ts'

/** How many further sentences follow the first, by verbosity. */
const furtherSentences: Readonly<Record<Verbosity, number>> = {
  Brief: 1,
  Detailed: 3,
  Comprehensive: 6,
  Exhaustive: 12,
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

function defaultSentence(facts: ColumnFacts): string | null {
  const literal = /^'([^']{1,30})'(?:::.*)?$|^(-?[\d.]{1,12}|true|false)$/.exec(facts.column.default ?? '')
  const value = literal?.[1] ?? literal?.[2]
  return value === undefined ? null : `Defaults to ${value}.`
}
