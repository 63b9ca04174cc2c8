import type { ProvidedDescription } from '@amx/api'
import { isMap, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml'
import type { Passage } from '../passage.ts'
import { type CodeSpan, cutSpans } from './cut-code.ts'

const mostProvided = 500
const modelKeys = ['models', 'seeds', 'snapshots', 'analyses'] as const

/** The texts of `{% docs name %}` blocks of a project by name, which descriptions may refer to. */
export type DocsBlocks = ReadonlyMap<string, string>

interface DescribedTable {
  readonly node: YAMLMap
  readonly title: string
  readonly table: string
}

/**
 * The passages of a dbt properties file (`schema.yml`): one per model, seed, snapshot or source table, with the descriptions of
 * it and its columns as provided ones. Null where the file is none.
 */
export function readDbtYaml(text: string, docsBlocks: DocsBlocks): Passage[] | null {
  const document = parseDocument(text, { lineCounter: new LineCounter(), logLevel: 'silent', uniqueKeys: false })
  if (document.errors.length > 0 || !isMap(document.contents)) return null
  const root = document.contents
  const tables: DescribedTable[] = [
    ...modelKeys.flatMap((key) => mapsOf(root, key).map((node) => described(node, key.slice(0, -1), null))),
    ...mapsOf(root, 'sources').flatMap((source) => {
      const schema = textAt(source, 'schema') ?? textAt(source, 'name')
      return mapsOf(source, 'tables').map((node) => described(node, 'source', schema))
    }),
  ].filter((table) => table !== null)
  if (tables.length === 0) return null
  return tables
    .toSorted((a, b) => startOf(a.node) - startOf(b.node))
    .flatMap(({ node, title, table }) => {
      const provided = descriptionsOf(node, table, docsBlocks)
      const [first, ...rest] = cutSpans(text, [spanOf(text, node, title)])
      if (first === undefined) return []
      // A reference to a docs block says nothing by itself: its text is put below.
      const referred = provided.filter(({ text: said }) => [...docsBlocks.values()].includes(said))
      const added = referred.map(({ column, text: said }) => `# ${column ?? table}: ${said}`).join('\n')
      const body = added === '' ? first.text : `${first.text}\n${added}`.slice(0, 16_000)
      return [{ ...first, text: body, ...(provided.length === 0 ? {} : { provided }) }, ...rest]
    })
}

function described(node: YAMLMap, kind: string, schema: string | null): DescribedTable | null {
  const name = textAt(node, 'identifier') ?? textAt(node, 'name')
  if (name === null) return null
  const table = schema === null ? (textAt(node, 'alias') ?? name) : `${schema}.${name}`
  return { node, title: `${kind} ${table}`, table }
}

function descriptionsOf(node: YAMLMap, table: string, docsBlocks: DocsBlocks): ProvidedDescription[] {
  const own = resolveDescription(textAt(node, 'description'), docsBlocks)
  const columns = mapsOf(node, 'columns').flatMap((column) => {
    const name = textAt(column, 'name')
    const text = resolveDescription(textAt(column, 'description'), docsBlocks)
    return name === null || text === null ? [] : [{ table, column: name, text }]
  })
  return [...(own === null ? [] : [{ table, column: null, text: own }]), ...columns].slice(0, mostProvided)
}

function resolveDescription(description: string | null, docsBlocks: DocsBlocks): string | null {
  if (description === null) return null
  const resolved = description
    .replaceAll(
      /\{\{\s*doc\(\s*(?:["'][^"']*["']\s*,\s*)?["']([^"']+)["']\s*\)\s*\}\}/g,
      (_, name: string) => docsBlocks.get(name) ?? '',
    )
    .trim()
  // What is still a template is not a description.
  return resolved === '' || /\{[{%]/.test(resolved) ? null : resolved.slice(0, 16_384)
}

/** The `{% docs name %}` blocks of a Markdown file of a dbt project. */
export function docsBlocksOf(text: string): [string, string][] {
  return [...text.matchAll(/\{%-?\s*docs\s+(\w+)\s*-?%\}([\s\S]*?)\{%-?\s*enddocs\s*-?%\}/g)].map(([, name, body]) => [
    name ?? '',
    (body ?? '').trim(),
  ])
}

function mapsOf(map: YAMLMap, key: string): YAMLMap[] {
  const list = map.get(key, true)
  return isSeq(list) ? list.items.filter((item): item is YAMLMap => isMap(item)) : []
}

function textAt(map: YAMLMap, key: string): string | null {
  const value = map.get(key)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0
}

function spanOf(text: string, node: Node, title: string): CodeSpan {
  const from = startOf(node)
  const lineStart = text.lastIndexOf('\n', from - 1) + 1
  return {
    from: /^[\s-]*$/.test(text.slice(lineStart, from)) ? lineStart : from,
    to: node.range?.[1] ?? text.length,
    title,
  }
}
