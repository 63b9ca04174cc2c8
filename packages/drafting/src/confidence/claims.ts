import { parseAssetPath } from '@amx/api'
import { columnPhrase, unitOf } from '../built-in/column-phrase.ts'
import { classifyColumn } from '../evidence/classify-column.ts'
import { type ColumnFacts, columnFacts } from '../evidence/column-facts.ts'
import { clarityOf, splitName } from '../evidence/name-words.ts'
import { isNumeric, isTemporal } from '../evidence/type-family.ts'
import type { EvidenceSubject } from './evidence-subject.ts'
import { standsIn, stemOf, stemsOf } from './text-words.ts'

export type ClaimKind =
  | 'Name'
  | 'Entity'
  | 'Values'
  | 'Range'
  | 'Uniqueness'
  | 'Reference'
  | 'Unit'
  | 'Emptiness'
  | 'Kind'
  | 'Contents'
  | 'Relation'
  | 'Comment'

/** A statement of a text that the profile can settle. */
export interface Claim {
  readonly kind: ClaimKind
  /** 1 supported, 0 open, -1 contradicted; a name only partly understood supports in part. */
  readonly support: number
}

/** The checkable claims of a text about an asset. */
export function claimsOf(text: string, subject: EvidenceSubject): Claim[] {
  const { facts } = subject
  const claims = [nameClaim(text, subject), entityClaim(text, subject)]
  if (facts === null) claims.push(...tableClaims(text, subject))
  else
    claims.push(
      valuesClaim(text, facts),
      rangeClaim(text, facts),
      uniquenessClaim(text, facts, subject),
      referenceClaim(text, facts),
      unitClaim(text, facts),
      emptinessClaim(text, facts),
      ...kindClaims(text, facts),
    )
  return claims.filter((claim) => claim !== null)
}

const fillers = new Set([
  'identifier',
  'surrogate',
  'key',
  'of',
  'the',
  'is',
  'has',
  'at',
  'on',
  'by',
  'to',
  'from',
  'for',
  'in',
  'and',
])

function nameClaim(text: string, { words, clarity, facts }: EvidenceSubject): Claim | null {
  const stems = stemsOf(text)
  const unit = facts === null ? null : unitOf(facts)
  const telling = words
    .map((word, index) => (index === words.length - 1 && unit !== null ? { ...word, word: unit.unit } : word))
    .filter(({ kind, word }) => (kind === 'Known' || kind === 'Plausible') && !fillers.has(word))
  if (telling.length === 0) return clarity === 0 ? { kind: 'Name', support: 0 } : null
  const found = telling.filter(
    ({ token, word }) => stems.has(stemOf(token)) || [...stemsOf(word)].every((stem) => isIn(stems, stem)),
  )
  // What a table's rows mean can be said without the table's name.
  if (facts === null && found.length === 0) return null
  return { kind: 'Name', support: (found.length / telling.length) * clarity }
}

// `ship` is in a text that says `shipment`.
function isIn(stems: ReadonlySet<string>, stem: string): boolean {
  return stems.has(stem) || (stem.length >= 3 && [...stems].some((other) => other.startsWith(stem)))
}

// The entity is in nearly every text; leaving it out is no fault, so it can only support.
function entityClaim(text: string, { tableWords }: EvidenceSubject): Claim | null {
  if (clarityOf(tableWords.words) < 0.5) return null
  const stems = stemsOf(text)
  const named = tableWords.entity.split(' ').some((word) => word.length > 2 && stems.has(stemOf(word.toLowerCase())))
  return named ? { kind: 'Entity', support: 1 } : null
}

function valuesClaim(text: string, facts: ColumnFacts): Claim | null {
  const { profile } = facts
  const samples = profile === null || profile.heldBack !== null ? [] : profile.samples
  const known = facts.values.length > 0 ? facts.values : samples
  if (known.length === 0) return null
  const quoted = [...text.matchAll(/["“`']([^"”`']{1,40})["”`'](?![\p{L}\p{N}])/gu)].map(([, value]) => value ?? '')
  const wrong = quoted.filter(
    (value) => facts.values.length > 0 && !known.includes(value) && splitName(facts.column.name).join(' ') !== value,
  )
  const right = known.filter((value) => value !== '' && standsIn(text, value))
  if (wrong.length > right.length) return { kind: 'Values', support: -1 }
  if (right.length >= 2 || (right.length === 1 && (known.length === 1 || quoted.length > 0)))
    return { kind: 'Values', support: wrong.length > 0 ? 0 : 1 }
  return null
}

function rangeClaim(text: string, facts: ColumnFacts): Claim | null {
  const { profile } = facts
  const stated = /\b(?:from|between) (-?\d[\d.,:T-]*) (?:to|and) (-?\d[\d.,:T-]*)/.exec(text)
  if (stated === null || profile === null || profile.minimum === null || profile.maximum === null) return null
  const [, low = '', high = ''] = stated
  const plain = (value: string) => value.replace(/[.,]$/, '')
  const inside = isNumeric(facts.family)
    ? Number(plain(low)) >= Number(profile.minimum) && Number(plain(high)) <= Number(profile.maximum)
    : plain(low) >= profile.minimum.slice(0, plain(low).length) &&
      plain(high) <= profile.maximum.slice(0, plain(high).length)
  return { kind: 'Range', support: inside ? 1 : -1 }
}

function uniquenessClaim(text: string, facts: ColumnFacts, { table }: EvidenceSubject): Claim | null {
  const inKey = facts.isPrimaryKey || facts.keyPartners.length > 0
  if (/\bprimary key\b/i.test(text)) return { kind: 'Uniqueness', support: inKey ? 1 : -1 }
  if (
    !/\b(?:unique(?:ly)?|distinct (?:value|number)|told (?:apart|from)|identif(?:y|ies) (?:each|every))\b/i.test(text)
  )
    return null
  if (facts.isPrimaryKey || facts.isUnique) return { kind: 'Uniqueness', support: 1 }
  const { profile } = facts
  if (profile === null || profile.distinct === null || table.rowsRead === 0) return { kind: 'Uniqueness', support: 0 }
  const rows = table.rowsRead * (1 - (profile.nullFraction ?? 0))
  if (profile.distinctIsExact) return { kind: 'Uniqueness', support: profile.distinct >= rows ? 1 : -1 }
  return { kind: 'Uniqueness', support: profile.distinct >= rows * 0.97 ? 0.5 : -1 }
}

function referenceClaim(text: string, facts: ColumnFacts): Claim | null {
  if (/\bno foreign key\b/i.test(text)) return { kind: 'Reference', support: facts.reference === null ? 1 : -1 }
  const into = /\breferenced by\b/i.test(text)
  const out = /\b(?:refers? to|references|foreign key|points? to|links? (?:the|each|to))\b/i.test(
    text.replaceAll(/referenced by/gi, ''),
  )
  if (out && facts.reference !== null)
    return { kind: 'Reference', support: namesTable(text, facts.reference.otherTable) ? 1 : 0 }
  if (into)
    return {
      kind: 'Reference',
      support: facts.referencedBy.some(({ otherTable }) => namesTable(text, otherTable)) ? 1 : -1,
    }
  // A declared key whose other end the text names supports it, whatever verb it uses.
  if (facts.reference !== null)
    return namesTable(text, facts.reference.otherTable) ? { kind: 'Reference', support: 1 } : null
  if (!out) return null
  return { kind: 'Reference', support: classifyColumn(facts) === 'Identifier' ? 0 : -1 }
}

function namesTable(text: string, path: string): boolean {
  const name = parseAssetPath(path).at(-1) ?? path
  if (text.includes(name)) return true
  const stems = stemsOf(text)
  return splitName(name).every((token) => stems.has(stemOf(token)))
}

const unitWords =
  /\b(milligrams|kilograms|grams|pounds|kilometers|millimeters|centimeters|square meters|cubic meters|square feet|meters|milliliters|liters|milliseconds|microseconds|seconds|minutes|hours|days|kilobytes|megabytes|gigabytes|bytes|percent|euros|US dollars|dollars|pounds sterling|Swiss francs|cents|kilowatt hours|watt hours|degrees Celsius)\b/i

function unitClaim(text: string, facts: ColumnFacts): Claim | null {
  const stated = unitWords.exec(text)?.[1]?.toLowerCase()
  const unit = unitOf(facts)?.unit.toLowerCase()
  if (stated === undefined || unit === undefined) return null
  return { kind: 'Unit', support: unit === stated || unit.endsWith(` ${stated}`) ? 1 : -1 }
}

function emptinessClaim(text: string, facts: ColumnFacts): Claim | null {
  const fraction = facts.profile?.nullFraction ?? null
  const share = /\bempty (?:for|in) (?:about )?(\d+)\s?%/i.exec(text)?.[1]
  if (share !== undefined && fraction !== null)
    return { kind: 'Emptiness', support: Math.abs(Number(share) / 100 - fraction) <= 0.02 ? 1 : -1 }
  if (/\b(?:may be|can be|is|often|rarely) (?:empty|null|missing)\b|\boptional(?:ly)?\b|\bnullable\b/i.test(text))
    return { kind: 'Emptiness', support: facts.column.nullable ? 1 : -1 }
  if (/\b(?:always (?:present|given|set)|required|mandatory|never (?:empty|null|missing)|must be given)\b/i.test(text))
    return { kind: 'Emptiness', support: !facts.column.nullable || fraction === 0 ? 1 : -1 }
  return null
}

function kindClaims(text: string, facts: ColumnFacts): (Claim | null)[] {
  const { family, profile } = facts
  const name = facts.words.map(({ word }) => word).join(' ')
  const says = (pattern: RegExp) => pattern.test(text)
  const claim = (support: number): Claim => ({ kind: 'Kind', support })
  const claims: (Claim | null)[] = []
  if (
    says(/\b(?:date|timestamp|moment|date and time|time when|time at which)\b/i) &&
    !/date|time|day/.test(name.replace(/update/, ''))
  ) {
    if (isTemporal(family) || classifyColumn(facts) === 'DateTime') claims.push(claim(1))
    else if (isNumeric(family) || family === 'Boolean') claims.push(claim(-1))
  } else if (says(/\b(?:date|time|when|month|year|day)\b/i) && isTemporal(family)) claims.push(claim(1))
  if (says(/\bwhether\b|\bflag\b/i)) {
    if (family === 'Boolean' || (facts.values.length > 0 && facts.values.length <= 2)) claims.push(claim(1))
    else if (isTemporal(family) || facts.values.length > 3) claims.push(claim(-1))
  }
  if (says(/\b(?:amount|price|quantity|number of|weight|total|cost)\b/i)) {
    if (isNumeric(family)) claims.push(claim(1))
    else if (isTemporal(family) || family === 'Boolean') claims.push(claim(-1))
  }
  const pattern = profile?.pattern ?? null
  if (says(/\be-?mail\b/i) && pattern !== null)
    claims.push(claim(pattern === 'Email' ? 1 : pattern === 'FreeText' || pattern === 'Mixed' ? 0 : -1))
  if (says(/\b(?:URL|web address)\b/i) && pattern !== null)
    claims.push(claim(pattern === 'URL' ? 1 : pattern === 'Mixed' ? 0 : -1))
  if (says(/\bJSON\b/)) claims.push(claim(family === 'Nested' || pattern === 'JSON' ? 1 : -1))
  return claims
}

function tableClaims(text: string, { table, tableWords }: EvidenceSubject): (Claim | null)[] {
  const { catalog } = table
  const stems = stemsOf(text)
  const phrases = catalog.columns
    .map(({ name }) => columnFacts(table, name, tableWords))
    .filter((facts) => facts !== null)
    .map(columnPhrase)
  const named = new Set(
    phrases.filter((phrase) => phrase.split(' ').every((word) => stems.has(stemOf(word.toLowerCase())))),
  )
  const relatives = [...catalog.foreignKeysOut, ...catalog.foreignKeysIn].map(({ otherTable }) => otherTable)
  const related = relatives.some((path) => path !== catalog.path && namesTable(text, path))
  const isView = catalog.kind === 'View' || catalog.kind === 'MaterializedView'
  const saysReference = /\b(?:refers? to|referenced by|links?|belongs? to|connects?)\b/i.test(text)
  return [
    named.size >= 2 ? { kind: 'Contents', support: 1 } : null,
    related
      ? { kind: 'Relation', support: 1 }
      : saysReference
        ? { kind: 'Relation', support: relatives.length === 0 ? -1 : 0 }
        : null,
    /\b(?:one row (?:per|for each)|every row|each row)\b/i.test(text) && catalog.primaryKey.length > 0
      ? { kind: 'Uniqueness', support: 1 }
      : null,
    /\b(?:materialized )?view\b/i.test(text) && !tableWords.words.some(({ word }) => word === 'view')
      ? { kind: 'Kind', support: isView ? 1 : -1 }
      : null,
  ]
}
