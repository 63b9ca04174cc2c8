import { parseAssetPath, type TableProfile, type Verbosity } from '@amx/api'
import { classifyColumn } from '../evidence/classify-column.ts'
import { type ColumnFacts, columnFacts } from '../evidence/column-facts.ts'
import { clarityOf } from '../evidence/name-words.ts'
import { entityOf, pluralOf, readTable } from '../evidence/table-words.ts'
import { columnPhrase, rolePhrase, unitOf } from './column-phrase.ts'
import { capitalized, joinedList } from './joined-list.ts'

const shownColumns: Readonly<Record<Verbosity, number>> = { Brief: 5, Detailed: 8, Comprehensive: 14, Exhaustive: 30 }

/** Five distinct texts about a table, the plainest first: what a row is, what it holds, what it is linked to. */
export function describeTable(table: TableProfile, verbosity: Verbosity): string[] {
  const { catalog } = table
  const words = readTable(catalog)
  const facts = catalog.columns.map(({ name }) => columnFacts(table, name, words)).filter((found) => found !== null)
  const contents = contentsOf(facts, shownColumns[verbosity])
  const links = linksOf(table)
  const sentences = [contents, links, ...(verbosity === 'Brief' ? [] : [kindOf(table), partitionsOf(table)])].filter(
    (sentence) => sentence !== null,
  )
  return openingsOf(table).map((opening) => [opening, ...sentences].join(' '))
}

function openingsOf(table: TableProfile): string[] {
  const { catalog } = table
  const { entity, entities, words } = readTable(catalog)
  const pair = linkedPair(table)
  if (pair !== null) {
    const [one, other] = pair
    const both = `${pluralOf(one)} and ${pluralOf(other)}`
    return [
      `Links ${both}: one row for each pair.`,
      `Connects ${both}, one row per pair.`,
      `One row for each pair of ${one} and ${other}.`,
      `States which ${pluralOf(one)} belong to which ${pluralOf(other)}.`,
      `Many-to-many relation between ${both}.`,
    ]
  }
  if (clarityOf(words) < 0.5) {
    const name = parseAssetPath(catalog.path).at(-1) ?? catalog.path
    return [
      `Undocumented table whose name (${name}) does not tell what its rows stand for.`,
      `Rows whose meaning is not documented; the name ${name} does not explain it.`,
      `What one row of ${name} stands for is not documented.`,
      `Purpose not evident from the name ${name}.`,
      `Holds rows of unknown meaning, under the name ${name}.`,
    ]
  }
  const per = periodic(table)
  if (per !== null) return per
  return [
    `${capitalized(entities)}: one row per ${entity}.`,
    `Holds one row for each ${entity}.`,
    `Records the ${entities}, each in a row of its own.`,
    `List of ${entities}, one row for each.`,
    `Every row describes one ${entity}.`,
  ]
}

/** A summary or daily table has a row per combination of its key, not per entity. */
function periodic(table: TableProfile): string[] | null {
  const { catalog } = table
  const { words, entity } = readTable(catalog)
  const tokens = words.map(({ word }) => word)
  const summary = tokens.some((word) =>
    /^(summary|statistics|daily|weekly|monthly|hourly|yearly|aggregate)$/.test(word),
  )
  if (!summary) return null
  const facts = catalog.columns.map(({ name }) => columnFacts(table, name)).filter((found) => found !== null)
  const keys =
    catalog.primaryKey.length > 0 ? facts.filter(({ column }) => catalog.primaryKey.includes(column.name)) : []
  const per = keys.length > 1 ? `, one row per ${joinedList(keys.map((found) => labelOf(found)))}` : ''
  const plain = entity.replace(/ record$/, '')
  const title = capitalized(plain)
  return [
    `${title} figures${per}.`,
    `Figures on the ${plain}${per}.`,
    `Holds the ${plain} figures${per}.`,
    `${title}${per}, as figures.`,
    `Summarized figures of the ${plain}${per}.`,
  ]
}

/** The two entities a table does nothing but link; null for any other table. */
function linkedPair(table: TableProfile): [string, string] | null {
  const { catalog } = table
  if (catalog.foreignKeysOut.length !== 2 || catalog.columns.length > 4) return null
  const linked = catalog.foreignKeysOut.flatMap(({ columns }) => columns)
  if (!catalog.primaryKey.every((name) => linked.includes(name)) || catalog.primaryKey.length < 2) return null
  const [one, other] = catalog.foreignKeysOut.map(({ otherTable }) => entityOf(otherTable))
  return one === undefined || other === undefined ? null : [one, other]
}

function contentsOf(facts: readonly ColumnFacts[], limit: number): string | null {
  const telling = facts.filter((found) => {
    const columnClass = classifyColumn(found)
    return (
      found.clarity >= 0.5 && columnClass !== 'Identifier' && columnClass !== 'ForeignKey' && columnClass !== 'Audit'
    )
  })
  const labels = [...new Set(telling.map(labelOf))].filter((label) => label !== '')
  if (labels.length === 0) return null
  const shown = labels.slice(0, limit)
  // "A, b and 1 more" is longer than naming it.
  if (labels.length <= limit + 1) return `Holds ${joinedList(labels)}.`
  return `Holds ${shown.join(', ')} and more.`
}

function linksOf(table: TableProfile): string | null {
  const { catalog } = table
  const out = [
    ...new Set(
      catalog.foreignKeysOut
        .filter(({ otherTable }) => otherTable !== catalog.path)
        .map(({ otherTable }) => entityOf(otherTable)),
    ),
  ]
  if (out.length > 0 && linkedPair(table) === null) {
    const shown = out.slice(0, 4)
    return `Each refers to its ${joinedList(out.length > 4 ? [...shown, 'others'] : shown)}.`
  }
  const into = [
    ...new Set(
      catalog.foreignKeysIn.filter(({ otherTable }) => otherTable !== catalog.path).map(({ otherTable }) => otherTable),
    ),
  ]
  if (into.length > 0) {
    const names = into.map((path) => parseAssetPath(path).at(-1) ?? path)
    return `Referenced by ${names.length <= 3 ? joinedList(names) : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more tables`}.`
  }
  const sources =
    catalog.kind === 'View' || catalog.kind === 'MaterializedView' ? sourcesOf(catalog.viewDefinition ?? '') : []
  return sources.length === 0 ? null : `Derived from ${joinedList(sources.slice(0, 4))}.`
}

function kindOf(table: TableProfile): string | null {
  switch (table.catalog.kind) {
    case 'View':
      return 'A view: computed whenever it is read.'
    case 'MaterializedView':
      return 'A materialized view: as current as its last refresh.'
    case 'ForeignTable':
      return 'A foreign table: its rows are kept in another database.'
    default:
      return null
  }
}

function partitionsOf(table: TableProfile): string | null {
  const { partitioning } = table.catalog
  if (partitioning === null || partitioning.columns.length === 0) return null
  return `Partitioned by ${joinedList(partitioning.columns)}.`
}

/** Relations named after FROM and JOIN in a view's definition. */
function sourcesOf(definition: string): string[] {
  const names = [...definition.matchAll(/\b(?:from|join)\s+\(*\s*((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+)){0,2})/gi)]
  return [...new Set(names.map(([, name]) => (name ?? '').replaceAll('"', '')))].filter(
    (name) => !/^(select|lateral|unnest|generate_series)$/i.test(name),
  )
}

function labelOf(facts: ColumnFacts): string {
  const columnClass = classifyColumn(facts)
  if (columnClass === 'ForeignKey' || columnClass === 'Identifier') return rolePhrase(facts) || 'identifier'
  const phrase = unitOf(facts)?.quantity ?? columnPhrase(facts)
  const moment = /^(.+) (?:at|on)$/.exec(phrase)?.[1]
  if (moment === 'expires') return 'expiry date'
  if (columnClass === 'DateTime' && moment !== undefined)
    return `${facts.family === 'Date' ? 'date' : 'time'} ${moment}`
  return phrase.replace(/ flag$/, '').replace(/^(?:is|has) /, '')
}
