import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml'

// Where a dbt properties file speaks of what. Pure.

/** What aliases refer to, with everything below it. */
export function sharedNodes(document: Document): Set<Node> {
  const shared = new Set<Node>()
  const add = (node: unknown) => {
    if (typeof node !== 'object' || node === null || shared.has(node as Node)) return
    shared.add(node as Node)
    if (isMap(node)) for (const { value } of node.items) add(value)
    else if (isSeq(node)) for (const item of node.items) add(item)
  }
  const visit = (node: unknown) => {
    if (isAlias(node)) add(node.resolve(document))
    else if (isMap(node)) {
      for (const { key, value } of node.items) {
        visit(key)
        visit(value)
      }
    } else if (isSeq(node)) for (const item of node.items) visit(item)
  }
  visit(document.contents)
  return shared
}

const modelKeys = ['models', 'seeds', 'snapshots'] as const

/** Where the file speaks of a table: as a model of its name (and its schema, where the file says one), or in a source. */
export function placesOf(
  document: Document,
  { schema, table }: { readonly schema: string; readonly table: string },
  ambiguous: ReadonlySet<string>,
): { readonly places: readonly YAMLMap[]; readonly unclear: boolean } {
  const root = document.contents as YAMLMap
  const found = new Set<YAMLMap>()
  let unclear = false
  for (const key of modelKeys) {
    for (const model of mapsOf(document, lookup(document, root, key))) {
      const config = lookup(document, model, 'config')
      const settings = isMap(config) ? [config as YAMLMap, model] : [model]
      const alias = firstName(document, settings, 'alias') ?? textOf(document, model, 'name')
      if (alias !== table) continue
      const place = firstName(document, settings, 'schema')
      if (place === null && ambiguous.has(table)) unclear = true
      // dbt puts the schema of the target before that of a model, unless a project says otherwise.
      else if (place === null || place === schema || schema.endsWith(`_${place}`)) found.add(model)
    }
  }
  const source = sourceOf(document, schema)
  for (const map of source === null ? [] : mapsOf(document, lookup(document, source, 'tables'))) {
    if ((firstName(document, [map], 'identifier') ?? textOf(document, map, 'name')) === table) found.add(map)
  }
  return { places: [...found], unclear }
}

/** The source of a schema. */
export function sourceOf(document: Document, schema: string): YAMLMap | null {
  const sources = mapsOf(document, lookup(document, document.contents as YAMLMap, 'sources'))
  return (
    sources.find((map) => (firstName(document, [map], 'schema') ?? textOf(document, map, 'name')) === schema) ?? null
  )
}

/** A name that is set in one of several maps; a template says nothing before dbt has run it. */
function firstName(document: Document, maps: readonly YAMLMap[], key: string): string | null {
  const names = maps.map((map) => textOf(document, map, key))
  return names.find((name) => name !== null && !/\{[{%]/.test(name)) ?? null
}

/** The value under a key: its own, else what a merge key `<<` brings. */
export function lookup(document: Document, map: YAMLMap, key: string): unknown {
  const own = map.get(key, true) as unknown
  if (own !== undefined) return resolved(document, own)
  const brought = resolved(document, map.get('<<', true) as unknown)
  const maps = isSeq(brought) ? brought.items.map((item) => resolved(document, item)) : [brought]
  for (const other of maps) {
    const found = isMap(other) ? lookup(document, other as YAMLMap, key) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

function resolved(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node
}

/** Maps in a list, also those it refers to. */
export function mapsOf(document: Document, list: unknown): YAMLMap[] {
  if (!isSeq(list)) return []
  return list.items.map((item) => resolved(document, item)).filter((item): item is YAMLMap => isMap(item))
}

/** The text under a key of a map; null for none. */
export function textOf(document: Document, map: YAMLMap, key: string): string | null {
  const node = lookup(document, map, key)
  if (!isScalar(node) || node.value === null) return null
  // `name: 2024` is a number to YAML and a name to dbt.
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
}
