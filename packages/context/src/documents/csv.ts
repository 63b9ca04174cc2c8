import type { ProvidedDescription } from '@amx/api'
import { parse } from 'csv-parse/sync'
import type { Extraction, Passage } from '../passage.ts'
import { cutBlocks, proseCut } from './cut-blocks.ts'

const termNames =
  /^(?:business[_ ]?)?(?:term|name|word|concept|abbreviation|acronym|entry|glossary[_ ]?term|label|begriff|fachbegriff|terme|término)$/i
const definitionNames =
  /^(?:business[_ ]?)?(?:definition|description|meaning|explanation|desc|comment|documentation|details|beschreibung|bedeutung|définition|definición)$/i
const tableNames = /^(?:table|table[_ ]?name|entity|model|dataset|object|tabelle)$/i
const columnNames = /^(?:column|column[_ ]?name|field|field[_ ]?name|attribute|data[_ ]?element|spalte|feld)$/i
const mostRecords = 100_000

interface CsvRow {
  readonly values: readonly string[]
  readonly startLine: number
  readonly endLine: number
}

/**
 * The passages of a table in text form. A glossary or data dictionary (a column of terms, fields or tables and one of definitions)
 * gives one per entry, with the description it provides; any other table its rows, each value with the name of its column.
 */
export function readCsv(text: string): Extraction {
  let rows: CsvRow[]
  try {
    rows = readRows(text)
  } catch (error) {
    return {
      reason: `it is not a CSV file that can be read: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
  const [head, ...body] = rows
  if (head === undefined || body.length === 0) return { reason: 'it has no rows below its header' }
  const header = head.values.map((name) => name.trim())
  const find = (names: RegExp) => header.findIndex((name) => names.test(name))
  const definition = find(definitionNames)
  const places = { term: find(termNames), table: find(tableNames), column: find(columnNames) }
  if (definition >= 0 && Math.max(places.term, places.table, places.column) >= 0) {
    return { passages: body.flatMap((row) => readEntry(header, row, { ...places, definition })) }
  }
  const blocks = body.map((row) => ({ ...row, text: named(header, row.values) }))
  return { passages: cutBlocks(blocks, proseCut) }
}

function readRows(text: string): CsvRow[] {
  const delimiter = delimiterOf(text)
  let line = 1
  // With `info`, a record says at which line it ends.
  const records: unknown = parse(text, {
    bom: true,
    delimiter,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    to: mostRecords,
    max_record_size: 1_000_000,
  })
  if (!Array.isArray(records)) return []
  return records.map(({ record, info }: { record: string[]; info: { lines: number } }) => {
    const row = { values: record, startLine: line, endLine: Math.max(line, info.lines) }
    line = row.endLine + 1
    return row
  })
}

function delimiterOf(text: string): string {
  const head = text.slice(0, text.indexOf('\n') < 0 ? undefined : text.indexOf('\n')).replaceAll(/"[^"]*"/g, '')
  const counts = [',', ';', '\t', '|'].map((mark) => ({ mark, count: head.split(mark).length }))
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).mark
}

function readEntry(
  header: readonly string[],
  row: CsvRow,
  places: { readonly term: number; readonly table: number; readonly column: number; readonly definition: number },
): Passage[] {
  const at = (place: number) => (place < 0 ? '' : (row.values[place] ?? '').trim())
  const definition = at(places.definition)
  const table = at(places.table)
  const column = at(places.column)
  const term = at(places.term)
  const name = [table, column].filter((part) => part !== '').join('.') || term
  if (definition === '' || name === '') return []
  const shown = term !== '' && term !== name ? `${term} (${name})` : name
  const others = header.flatMap((title, index) => {
    const value = at(index)
    const isShown = [places.term, places.table, places.column, places.definition].includes(index)
    return isShown || value === '' ? [] : [`${title}: ${value}`]
  })
  const subject = column !== '' ? column : table !== '' ? null : term
  const provided: ProvidedDescription = {
    table: table === '' ? null : table.slice(0, 512),
    column: subject?.slice(0, 512) ?? null,
    text: definition.slice(0, 4_000),
  }
  const text = [`${shown}: ${definition}`, ...others].join('\n').slice(0, 16_000)
  return [{ startLine: row.startLine, endLine: row.endLine, title: shown.slice(0, 512), text, provided: [provided] }]
}

function named(header: readonly string[], values: readonly string[]): string {
  return values
    .map((value, index) => ({ name: header[index] ?? `column ${index + 1}`, value: value.trim() }))
    .filter(({ value }) => value !== '')
    .map(({ name, value }) => `${name}: ${value}`)
    .join('; ')
}
