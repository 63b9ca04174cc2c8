import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ColumnCatalog, ContextChunk, ContextKind, TableProfile } from '@amx/api'
import { indexSource, openSource } from '@amx/context'
import { contextQueryOf } from '@amx/drafting'

const folder = join(import.meta.dirname, '../../packages/context/evaluation')
const corpora = { Documents: 'corpus/handbook', Code: 'corpus/code' } as const satisfies Record<ContextKind, string>

/** A chunk of the labelled corpus with its vector. */
export type LabelledChunk = ContextChunk & { readonly vector: Float32Array }

/** What the product asks about a column, and which chunks answer it. */
export interface LabelledQuestion {
  readonly kind: ContextKind
  /** Path of the column asked about. */
  readonly asset: string
  /** The column's table as the profile stage leaves it. */
  readonly profile: TableProfile
  /** The query as the drafting stage words it. */
  readonly query: string
  /** Whether a chunk answers the question. */
  readonly isAnswer: (chunk: Pick<ContextChunk, 'path' | 'title' | 'text'>) => boolean
}

interface Question {
  readonly kind: ContextKind
  readonly asset: string
  readonly answers: readonly string[]
}

interface ColumnEvidence {
  readonly type: string
  readonly values?: readonly string[]
  readonly references?: string
}

/** Cuts the corpus of a kind as an index pod does. */
export async function readLabelledChunks(kind: ContextKind, signal: AbortSignal): Promise<LabelledChunk[]> {
  const source = await openSource(
    { kind, volume: { claimName: 'evaluation' } },
    { directory: join(folder, corpora[kind]), secrets: {}, signal },
  )
  const chunks: LabelledChunk[] = []
  const onSkipped = ({ path, reason }: { path: string; reason: string }): void => {
    throw new Error(`${path} of the labelled set was left out: ${reason}`)
  }
  for await (const document of indexSource(source, { kind, signal, onSkipped })) chunks.push(...document.chunks)
  await source.close()
  return chunks
}

/** The questions, worded from the evidence of the tables as drafting words them. */
export function readLabelledQuestions(): LabelledQuestion[] {
  const questions = readJson<readonly Question[]>('questions.json')
  const tables = readJson<Readonly<Record<string, Readonly<Record<string, ColumnEvidence>>>>>('tables.json')
  return questions.map(({ kind, asset, answers }) => {
    const [schema = '', table = '', column = ''] = asset.split('.')
    const columns = tables[`${schema}.${table}`]
    if (columns?.[column] === undefined) throw new Error(`tables.json has no ${asset}`)
    const profile = profileOf(`${schema}.${table}`, columns)
    return {
      kind,
      asset,
      profile,
      query: contextQueryOf(profile, column),
      isAnswer: (chunk) => answers.some((answer) => answersBy(answer, chunk)),
    }
  })
}

/** `path#end of title` or `path@words of the text`. */
function answersBy(answer: string, { path, title, text }: Pick<ContextChunk, 'path' | 'title' | 'text'>): boolean {
  const [, where, sign, what = ''] = /^([^#@]+)([#@])(.*)$/.exec(answer) ?? []
  if (where !== path) return false
  return sign === '#' ? (title ?? '').endsWith(what) : text.replaceAll(/\s+/g, ' ').includes(what)
}

function profileOf(path: string, columns: Readonly<Record<string, ColumnEvidence>>): TableProfile {
  const catalogs = Object.entries(columns).map(
    ([name, { type }], index): ColumnCatalog => ({
      name,
      ordinal: index + 1,
      type,
      nullable: true,
      default: null,
      comment: null,
    }),
  )
  return {
    catalog: {
      path,
      kind: 'Table',
      comment: null,
      schemaComment: null,
      databaseComment: null,
      columns: catalogs,
      primaryKey: [],
      foreignKeysOut: Object.entries(columns).flatMap(([name, { references }]) =>
        references === undefined
          ? []
          : [{ name: `${name}_fk`, columns: [name], otherTable: references, otherColumns: [name], otherComment: null }],
      ),
      foreignKeysIn: [],
      uniqueKeys: [],
      checks: [],
      indexes: [],
      partitioning: null,
      viewDefinition: null,
      rowEstimate: 10_000,
      sizeBytes: null,
      usage: null,
      unreadable: null,
      structureDigest: path,
      statisticsTime: null,
    },
    mode: 'Sampled',
    modeReason: null,
    rowCount: 10_000,
    rowCountIsExact: false,
    rowsRead: 5_000,
    columns: Object.entries(columns).map(([name, { values = [] }]) => ({
      name,
      nullFraction: 0,
      distinct: values.length > 0 ? values.length : 5_000,
      distinctIsExact: false,
      minimum: null,
      maximum: null,
      minimumLength: null,
      maximumLength: null,
      samples: values.slice(0, 5),
      frequencies: values.map((value) => ({ value, rows: Math.floor(5_000 / values.length) })),
      pattern: values.length > 0 ? 'Code' : null,
      heldBack: null,
    })),
    warnings: [],
    statements: 0,
    durationMs: 0,
  }
}

function readJson<Shape>(name: string): Shape {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Shape
}
