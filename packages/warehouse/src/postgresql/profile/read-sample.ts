import { type ColumnCatalog, parseAssetPath } from '@amx/api'
import { type SampledValue, valueCharacters } from '../../statistics/column-statistics.ts'
import type { Session, Statement } from '../connection-pool.ts'
import { quoteIdentifier, quoteQualified } from '../quote.ts'
import type { SampleSource } from './sample-source.ts'

/** Values of one column of a sample, one entry per row. */
export interface SampledValues {
  readonly values: readonly SampledValue[]
  /** Measured by the server where values may be long; null without values, undefined where the values tell. */
  readonly lengths: readonly [minimum: number, maximum: number] | null | undefined
}

interface Sample {
  readonly rows: number
  /** By column name. */
  readonly columns: ReadonlyMap<string, SampledValues>
}

/** Reads the columns of a sample in one statement and one scan. Values are cut by the server, so that none can be large. */
export async function readSample(
  session: Session,
  path: string,
  columns: readonly ColumnCatalog[],
  source: SampleSource,
  signal: AbortSignal,
): Promise<Sample> {
  const [row = []] = await session.query(sampleStatement(path, columns, source), signal)
  const sampled = new Map<string, SampledValues>()
  let position = 1
  for (const column of columns) {
    const values = JSON.parse(row[position] ?? '[]') as SampledValue[]
    position += 1
    if (!mayBeLong(column)) {
      sampled.set(column.name, { values, lengths: undefined })
      continue
    }
    const [minimum, maximum] = [row[position], row[position + 1]]
    position += 2
    sampled.set(column.name, {
      values,
      lengths: minimum == null || maximum == null ? null : [Number(minimum), Number(maximum)],
    })
  }
  return { rows: Number(row[0] ?? 0), columns: sampled }
}

// One JSON array per column instead of one row per row: the driver then parses a few long fields natively, not millions of
// short ones.
function sampleStatement(path: string, columns: readonly ColumnCatalog[], source: SampleSource): Statement {
  const inner: string[] = []
  const outer = ['count(*)']
  columns.forEach((column, index) => {
    const value = `t.${quoteIdentifier(column.name)}`
    if (isPlainInJson(column)) {
      inner.push(`${value} AS v${index}`)
      outer.push(`pg_catalog.json_agg(s.v${index})::pg_catalog.text`)
      return
    }
    inner.push(`pg_catalog.left(${value}::pg_catalog.text, ${valueCharacters + 1}) AS v${index}`)
    outer.push(`pg_catalog.json_agg(s.v${index})::pg_catalog.text`)
    if (!mayBeLong(column)) return
    inner.push(`pg_catalog.length(${value}) AS l${index}`)
    outer.push(`min(s.l${index})`, `max(s.l${index})`)
  })
  const select = inner.length === 0 ? '' : ` ${inner.join(', ')}`
  const from = `${quoteQualified(parseAssetPath(path))} AS t${source.clause}`
  return { text: `SELECT ${outer.join(', ')} FROM (SELECT${select} FROM ${from} LIMIT ${source.limit}) s` }
}

function mayBeLong(column: ColumnCatalog): boolean {
  return column.type === 'text' || column.type === 'character varying'
}

/** Types whose values JSON holds without a text each, exactly: cheaper to send, to parse and to count. */
function isPlainInJson(column: ColumnCatalog): boolean {
  return column.type === 'smallint' || column.type === 'integer' || column.type === 'boolean'
}
