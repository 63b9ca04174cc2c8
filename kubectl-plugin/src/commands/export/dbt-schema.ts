import { AmxError, parseAssetPath } from '@amx/api'
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments, type YAMLMap } from 'yaml'
import { usageError } from '../../connection/connection-options.ts'
import { lookup, mapsOf, placesOf, sharedNodes, sourceOf, textOf } from './dbt-places.ts'
import type { Described } from './described-rows.ts'
import { createYAMLEdits, type ListKey, type NewItem, type YAMLEdits } from './yaml-edits.ts'

export interface DbtMerge {
  readonly text: string
  /** Descriptions that were written. */
  readonly written: number
  /** Assets whose description in the file was left, with the reason; what stands there already in the same words is not among them. */
  readonly kept: readonly string[]
}

interface Merge {
  readonly document: Document
  /** Nodes that another place of the file refers to: a change of them would change that place as well. */
  readonly shared: ReadonlySet<Node>
  readonly replace: boolean
  readonly edits: YAMLEdits
  /** Names that tables of several schemas have. */
  readonly ambiguous: ReadonlySet<string>
  written: number
  readonly kept: string[]
}

interface TableTexts {
  readonly schema: string
  readonly table: string
  text: string | null
  readonly columns: Map<string, string>
}

const byteOrderMark = '\uFEFF'

/**
 * Descriptions put into a dbt properties file (`schema.yml`): into the models, seeds, snapshots and sources it has, and for
 * tables it does not have into sources. Every other character of the file stays: comments, order, anchors, layout. A description
 * that is there is replaced only with `replace`, and never where it is a template or shared by an anchor. Pure; throws AMX-1014
 * for a file that is no such thing.
 */
export function mergeDbtSchema(
  file: string | null,
  described: readonly Described[],
  options: { readonly replace: boolean },
): DbtMerge {
  const source = withContents(file ?? '')
  const first = mergeOnce(source, described, options)
  // Nothing to write leaves the file as it is, to the last blank.
  if (first.written === 0) return { ...first, text: file ?? source }
  if (!isMerged(source, first.text, described, options)) {
    throw new AmxError('AMX-9001', {
      detail: 'the dbt file is laid out in a way this merge does not know; it was left as it is',
    })
  }
  const mark = file?.startsWith(byteOrderMark) ? byteOrderMark : ''
  return { ...first, text: mark + first.text }
}

/** Whether the new text is YAML in which everything of the old one still stands and to which nothing is left to add. */
function isMerged(
  source: string,
  merged: string,
  described: readonly Described[],
  options: { readonly replace: boolean },
): boolean {
  try {
    const again = mergeOnce(merged, described, options)
    return again.written === 0 && survives(parseFile(source).toJS(), parseFile(merged).toJS())
  } catch {
    return false
  }
}

function mergeOnce(source: string, described: readonly Described[], options: { readonly replace: boolean }): DbtMerge {
  const document = parseFile(source)
  const { schemas, tables } = grouped(described)
  const merge: Merge = {
    document,
    shared: sharedNodes(document),
    replace: options.replace,
    edits: createYAMLEdits(source),
    ambiguous: repeated(tables.map(({ table }) => table)),
    written: 0,
    kept: [],
  }
  const root = document.contents as YAMLMap
  const additions = new Map<string, NewItem>()
  for (const [schema, text] of schemas) {
    const found = sourceOf(merge.document, schema)
    if (found === null) newSource(additions, schema).description = untemplated(text)
    else describe(merge, found, text, schema)
  }
  const newTables = new Map<YAMLMap, TableTexts[]>()
  for (const table of tables) {
    if (mergeIntoPlaces(merge, table)) continue
    const source = sourceOf(merge.document, table.schema)
    if (source !== null) newTables.set(source, [...(newTables.get(source) ?? []), table])
    else {
      const added = newSource(additions, table.schema)
      added.tables = [...(added.tables ?? []), newTable(table)]
    }
  }
  for (const [source, added] of newTables) {
    addNamed(
      merge,
      source,
      'tables',
      added.map(newTable),
      added.map(({ schema, table }) => `${schema}.${table}`),
    )
  }
  if (additions.size > 0) addNamed(merge, root, 'sources', [...additions.values()], [...additions.keys()])
  return { text: merge.edits.result(), written: merge.written, kept: merge.kept }
}

/** The file without its byte-order mark, with something in it and a line break at its end. */
function withContents(file: string): string {
  const text = file.startsWith(byteOrderMark) ? file.slice(1) : file
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return parseAllDocuments(ended).every(({ contents }) => contents === null) ? `${ended}version: 2\n` : ended
}

function parseFile(source: string): Document {
  const documents = parseAllDocuments(source)
  const [document] = documents
  if (document === undefined || documents.length !== 1)
    throw usageError('the dbt file must hold one YAML document: dbt reads no more of a file')
  const [error] = document.errors
  if (error !== undefined) throw usageError(`the dbt file is not YAML: ${error.message.split('\n')[0]}`)
  if (!isMap(document.contents) || document.contents.items.length === 0) {
    throw usageError('the dbt file is no properties file: it must begin with keys such as models')
  }
  return document as unknown as Document
}

/** Whether everything of `before` is in `after` at its place, descriptions aside. */
function survives(before: unknown, after: unknown): boolean {
  if (Array.isArray(before)) {
    return Array.isArray(after) && before.every((item, index) => survives(item, after[index]))
  }
  if (typeof before !== 'object' || before === null) return before === after || before === null
  if (typeof after !== 'object' || after === null) return false
  const fields = after as Readonly<Record<string, unknown>>
  return Object.entries(before).every(([key, value]) => key === 'description' || survives(value, fields[key]))
}

function repeated(names: readonly string[]): Set<string> {
  const seen = new Set<string>()
  return new Set(names.filter((name) => seen.size === seen.add(name).size))
}

function grouped(described: readonly Described[]): { schemas: Map<string, string>; tables: TableTexts[] } {
  const schemas = new Map<string, string>()
  const tables = new Map<string, TableTexts>()
  for (const { path, kind, text } of described) {
    const [schema = '', table = '', ...field] = parseAssetPath(path)
    if (kind === 'Database') continue
    if (kind === 'Schema') {
      schemas.set(schema, text)
      continue
    }
    const key = JSON.stringify([schema, table])
    const texts = tables.get(key) ?? { schema, table, text: null, columns: new Map<string, string>() }
    tables.set(key, texts)
    if (field.length > 0) texts.columns.set(field.join('.'), text)
    else texts.text = text
  }
  return { schemas, tables: [...tables.values()] }
}

/** Describes a table wherever the file has it; false where it does not. */
function mergeIntoPlaces(merge: Merge, texts: TableTexts): boolean {
  const { places, unclear } = placesOf(merge.document, texts, merge.ambiguous)
  const name = `${texts.schema}.${texts.table}`
  if (places.length === 0 && unclear) {
    merge.kept.push(`${name}: a model of this name does not say which schema it is of, and there are several`)
    return true
  }
  for (const place of places) {
    if (texts.text !== null) describe(merge, place, texts.text, name)
    if (texts.columns.size > 0) mergeColumns(merge, place, texts.columns, name)
  }
  return places.length > 0
}

function newSource(additions: Map<string, NewItem>, schema: string): NewItem {
  const added = additions.get(schema) ?? { name: schema }
  additions.set(schema, added)
  return added
}

function newTable({ table, text, columns }: TableTexts): NewItem {
  const items = [...columns].map(([name, description]) => ({ name, description: untemplated(description) }))
  return {
    name: table,
    ...(text !== null && { description: untemplated(text) }),
    ...(items.length > 0 && { columns: items }),
  }
}

/** Adds to a list that belongs to this map alone, or makes it. */
function addNamed(
  merge: Merge,
  parent: YAMLMap,
  key: ListKey,
  items: readonly NewItem[],
  assets: readonly string[],
): void {
  const own = parent.get(key, true) as unknown
  const free = isSeq(own) || (isScalar(own) && own.value === null) || lookup(merge.document, parent, key) === undefined
  if (!free || merge.shared.has(isSeq(own) ? own : parent)) {
    merge.kept.push(...assets.map((asset) => `${asset}: "${key}" is shared by an anchor`))
    return
  }
  merge.written += items.reduce((sum, item) => sum + countTexts(item), 0)
  merge.edits.addItems(parent, key, items)
}

function countTexts({ description, columns = [], tables = [] }: NewItem): number {
  const below = [...columns, ...tables].reduce((sum, item) => sum + countTexts(item), 0)
  return below + (description === undefined ? 0 : 1)
}

function mergeColumns(merge: Merge, place: YAMLMap, columns: ReadonlyMap<string, string>, table: string): void {
  const present = mapsOf(merge.document, lookup(merge.document, place, 'columns'))
  const added: NewItem[] = []
  for (const [name, text] of columns) {
    const own = present.find((map) => textOf(merge.document, map, 'name') === name)
    if (own === undefined) added.push({ name, description: untemplated(text) })
    else describe(merge, own, text, `${table}.${name}`)
  }
  if (added.length === 0) return
  const assets = added.map(({ name }) => `${table}.${name}`)
  addNamed(merge, place, 'columns', added, assets)
}

/** Sets the description of a map, right after its name where it had none. */
function describe(merge: Merge, map: YAMLMap, text: string, asset: string): void {
  const wanted = untemplated(text)
  const present = textOf(merge.document, map, 'description')
  if (present === wanted || present?.trim() === wanted.trim()) return
  if (merge.shared.has(map)) {
    merge.kept.push(`${asset}: it is shared by an anchor`)
    return
  }
  const own = map.get('description', true) as unknown
  if (present !== null && present.trim() !== '') {
    const template = /\{[{%#]/.test(present) && !present.includes("{{ '{")
    const reason = template ? 'its description is a template' : merge.replace ? null : 'it has a description'
    if (reason !== null) {
      merge.kept.push(`${asset}: ${reason}`)
      return
    }
  }
  if (isAlias(own) || (isScalar(own) && merge.shared.has(own))) {
    merge.kept.push(`${asset}: its description is shared by an anchor`)
    return
  }
  merge.written += 1
  merge.edits.setDescription(map, wanted)
}

/** dbt reads a description as a template: what looks like one in a text is written so that it comes out as it stands. */
function untemplated(text: string): string {
  return text.replaceAll(/\{[{%#]/g, (opening) => `{{ '${opening}' }}`)
}
