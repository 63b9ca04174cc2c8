import { parseAssetPath, type RelationKind, type TableCatalog } from '@amx/api'
import { measuringUnits } from './measuring-units.ts'
import { clarityOf, type NameWord, phraseOf, readName, splitName } from './name-words.ts'

/** What the names of a table and its columns say about what one row is. */
export interface TableWords {
  /** The last part of the path as written. */
  readonly name: string
  readonly words: readonly NameWord[]
  /** What one row is, in the singular: `customer address`. */
  readonly entity: string
  readonly entities: string
  /** A prefix that most columns share and that says nothing, such as `ca` in `ca_city`; null when there is none. */
  readonly prefix: string | null
}

const decorations = new Set([
  'tbl',
  'tab',
  'table',
  'dim',
  'fact',
  'fct',
  'stg',
  'vw',
  'mv',
  't',
  'v',
  'f',
  'd',
  'raw',
  'src',
  'tb',
  'lkp',
  'ref',
])
const kept = new Set(['is', 'has', 'was', 'can', 'no'])

/** Reads the table's name and the prefix of its columns. */
export function readTable(catalog: TableCatalog): TableWords {
  const name = parseAssetPath(catalog.path).at(-1) ?? catalog.path
  const all = readName(name)
  const bare = all.filter(
    ({ token, kind }, index) =>
      kind !== 'Number' && !((index === 0 || index === all.length - 1) && decorations.has(token)),
  )
  const words = bare.length > 0 ? bare : all
  const last = words.at(-1)
  const singular = last === undefined ? [] : [...words.slice(0, -1), { ...last, word: singularOf(last.word) }]
  const entity = clarityOf(words) < 0.5 ? `${name} row` : recordOf(phraseOf(singular), catalog.kind)
  return { name, words, entity, entities: pluralOf(entity), prefix: sharedPrefix(catalog) }
}

/** What one row of another table is, by its path alone. */
export function entityOf(path: string): string {
  const name = parseAssetPath(path).at(-1) ?? path
  const words = readName(name)
  const last = words.at(-1)
  return last === undefined ? name : phraseOf([...words.slice(0, -1), { ...last, word: singularOf(last.word) }])
}

/** What one row of a table is called whose name stands for a mass or a period: `daily inventory record` for `inventory daily`. */
function recordOf(phrase: string, kind: RelationKind): string {
  const plain = kind === 'View' || kind === 'MaterializedView' ? phrase.replace(/ view$/, '') : phrase
  const listed = plain.replace(/ (?:overview|list|listing|lookup|master|header|details?|information|data)$/, '')
  const periodic = listed.replace(/^(.+) (hourly|daily|weekly|monthly|quarterly|yearly)$/, '$2 $1')
  if (/(?:inventory|stock|data|information|statistics|metrics)$/.test(periodic)) return `${periodic} record`
  return /(?:history|log|journal|ledger|audit|archive)$/.test(periodic) ? `${periodic} entry` : periodic
}

/** The words of a column's name without the prefix the table's columns share. */
export function readColumn(name: string, table: TableWords): NameWord[] {
  const words = readBare(name, table)
  // A unit behind something says as much as a word: `weight_g`.
  return words.map((word, index) =>
    index > 0 && word.kind === 'Unknown' && measuringUnits[word.token] !== undefined
      ? { ...word, kind: 'Known' }
      : word,
  )
}

function readBare(name: string, table: TableWords): NameWord[] {
  const first = splitName(name)[0]
  if (first === undefined || first !== table.prefix) return readName(name)
  const rest = name.replace(/^[^_]*_/, '')
  return rest === '' ? readName(name) : readName(rest)
}

const irregular: ReadonlyMap<string, string> = new Map([
  ['people', 'person'],
  ['children', 'child'],
  ['women', 'woman'],
  ['men', 'man'],
])

/** The singular of an English noun, by rule. */
export function singularOf(word: string): string {
  const known = irregular.get(word)
  if (known !== undefined) return known
  if (
    /(ss|us|is|news|series|species|sales|goods|details|[^aeiouy]s)$/.test(word) &&
    !/(ls|rs|ts|ns|ds|ks|ms|ps|gs|ws|cs|bs|fs|hs)$/.test(word)
  )
    return word
  if (/^(sales|goods|series|species|news|status|address|business|process|class|analysis|basis)$/.test(word)) return word
  if (/ies$/.test(word) && word.length > 4) return word.replace(/ies$/, 'y')
  if (/(sses|shes|ches|xes|zes|uses)$/.test(word)) return word.slice(0, -2)
  if (/(?<!s)s$/.test(word) && word.length > 3) return word.slice(0, -1)
  return word
}

/** The plural of an English noun phrase, by rule. */
export function pluralOf(phrase: string): string {
  if (
    /(sales|goods|series|species|news|history|inventory|stock|data|information|equipment|media|staff|details)$/.test(
      phrase,
    )
  )
    return phrase
  if (/person$/.test(phrase)) return phrase.replace(/person$/, 'people')
  if (/child$/.test(phrase)) return `${phrase}ren`
  if (/\b(wo)?man$/.test(phrase)) return phrase.replace(/man$/, 'men')
  if (/(s|sh|ch|x|z)$/.test(phrase)) return `${phrase.replace(/sis$/, 's')}es`
  if (/[^aeiou]y$/.test(phrase)) return phrase.replace(/y$/, 'ies')
  return `${phrase}s`
}

/** `a` or `an` before a phrase. */
export function withArticle(phrase: string): string {
  return /^(?:[aeio]|u(?!ni|se|ti|r[il]))/i.test(phrase) ? `an ${phrase}` : `a ${phrase}`
}

function sharedPrefix(catalog: TableCatalog): string | null {
  const counts = new Map<string, number>()
  for (const { name } of catalog.columns) {
    const prefix = /^([A-Za-z]{1,4})_/.exec(name)?.[1]?.toLowerCase()
    if (prefix !== undefined && !kept.has(prefix)) counts.set(prefix, (counts.get(prefix) ?? 0) + 1)
  }
  const [prefix, count] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? ['', 0]
  if (count < 3 || count < catalog.columns.length * 0.6) return null
  return prefix
}
