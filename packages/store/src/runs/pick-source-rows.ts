import { type Alternative, AmxError, canonicalAssetPath, type RunSettings, type SourceFilter } from '@amx/api'
import type { DescentRequest } from '../contract.ts'
import type { Queryable } from '../database.ts'
import { createParameters } from '../keyset.ts'
import { bandsFrom, bandsUpTo } from '../review/band-ranges.ts'
import { targetIndexOf } from './target-name.ts'
import { unknownRow } from './unknown-row.ts'

/** A row of the source run that gets another version. */
export interface PickedRow {
  readonly id: string
  /** Null for a schema or a database. */
  readonly tableId: string | null
  readonly targetIndex: number
  readonly path: string
  readonly columnName: string | null
}

export interface Picked {
  readonly rows: readonly PickedRow[]
  /** Of variations. */
  readonly seed: { readonly index: number; readonly text: string } | null
}

export interface PickedFrom {
  readonly uid: string
  readonly name: string
  readonly settings: Pick<RunSettings, 'targets'>
}

/**
 * The rows of a run that a descendant goes on from, in the order of target and path. Throws AMX-1006 for an asset the run has
 * no row of, AMX-1001 for what cannot be picked, with the field.
 */
export async function pickSourceRows(tx: Queryable, source: PickedFrom, descent: DescentRequest): Promise<Picked> {
  const target = descent.target === undefined ? null : targetIndexOf(source.settings, descent.target)
  if (target === -1) {
    const problem = `run "${source.name}" has no target "${descent.target}"`
    throw new AmxError('AMX-1001', { field: 'spec.source.target', problem })
  }
  if (descent.alternative !== undefined) {
    const rows = await rowsOfPaths(tx, source, target, [descent.alternative.asset])
    return { rows, seed: await seedOf(tx, rows, descent.alternative) }
  }
  if (descent.assets !== undefined && descent.assets.length > 0) {
    return { rows: await rowsOfPaths(tx, source, target, descent.assets), seed: null }
  }
  const rows = await rowsOfFilter(tx, source, target, descent.filter ?? {})
  if (rows.length === 0) {
    const problem = `no row of run "${source.name}" matches`
    throw new AmxError('AMX-1001', { field: descent.filter ? 'spec.source.filter' : 'spec.source', problem })
  }
  return { rows, seed: null }
}

const rowColumns = `a.id::text, a.table_id::text as "tableId", a.target_index as "targetIndex", a.path, a.column_name as "columnName"`

async function rowsOfPaths(
  tx: Queryable,
  source: PickedFrom,
  target: number | null,
  assets: readonly string[],
): Promise<PickedRow[]> {
  const paths = [...new Set(assets.map(pathOf))]
  const rows = await tx.rows<PickedRow>(
    `select ${rowColumns} from amx.assets a
     where a.run_uid = $1 and a.path = any($2::text[]) and ($3::integer is null or a.target_index = $3)
     order by a.target_index, a.path`,
    [source.uid, paths, target],
  )
  const found = Map.groupBy(rows, ({ path }) => path)
  for (const path of paths) {
    const same = found.get(path)?.length ?? 0
    if (same === 0) throw await unknownRow(tx, source.uid, [path], `run "${source.name}"`)
    if (same === 1) continue
    const problem = `${path} exists in ${same} databases of run "${source.name}": name the DatabaseProfile of one`
    throw new AmxError('AMX-1001', { field: 'spec.source.target', problem })
  }
  return rows
}

function pathOf(asset: string): string {
  try {
    return canonicalAssetPath(asset)
  } catch {
    return asset
  }
}

/** Everything the source was to describe, also what failed, as far as the filter lets it through. */
async function rowsOfFilter(
  tx: Queryable,
  source: PickedFrom,
  target: number | null,
  filter: SourceFilter,
): Promise<PickedRow[]> {
  const parameters = createParameters()
  const conditions = [`a.run_uid = ${parameters.add(source.uid)}`, 'a.planned', `a.status <> 'Planned'`]
  if (target !== null) conditions.push(`a.target_index = ${parameters.add(target)}`)
  const { minimumConfidence, maximumConfidence, tables, kinds, states } = filter
  if (minimumConfidence !== undefined)
    conditions.push(`a.band = any(${parameters.add(bandsFrom[minimumConfidence])}::text[])`)
  if (maximumConfidence !== undefined)
    conditions.push(`(a.band is null or a.band = any(${parameters.add(bandsUpTo[maximumConfidence])}::text[]))`)
  if (tables !== undefined && tables.length > 0)
    conditions.push(`a.table_path = any(${parameters.add(tables.map(pathOf))}::text[])`)
  if (kinds !== undefined) conditions.push(`a.kind = any(${parameters.add(kinds)}::text[])`)
  if (states !== undefined) conditions.push(`a.review_state = any(${parameters.add(states)}::text[])`)
  return tx.rows<PickedRow>(
    `select ${rowColumns} from amx.assets a where ${conditions.join(' and ')} order by a.target_index, a.path`,
    parameters.values,
  )
}

async function seedOf(
  tx: Queryable,
  rows: readonly PickedRow[],
  { asset, index }: NonNullable<DescentRequest['alternative']>,
): Promise<{ index: number; text: string }> {
  if (rows.some(({ tableId }) => tableId === null)) {
    const problem = `${asset} is described from what lies in it: draft it again with type Rerun`
    throw new AmxError('AMX-1001', { field: 'spec.source.alternative', problem })
  }
  const [draft] = await tx.rows<{ alternatives: readonly Alternative[] }>(
    'select alternatives from amx.drafts where asset_id = $1',
    [rows[0]?.id ?? null],
  )
  const alternatives = draft?.alternatives ?? []
  const real = alternatives.filter(({ fallback, text }) => !fallback && text.trim() !== '')
  const refuse = (problem: string) => new AmxError('AMX-1001', { field: 'spec.source.alternative', problem })
  if (real.length < 2) {
    throw refuse(`${asset} has ${real.length} written alternative${real.length === 1 ? '' : 's'}; variations need two`)
  }
  const seed = alternatives[index - 1]
  if (seed === undefined) throw refuse(`${asset} has ${alternatives.length} alternatives, not ${index}`)
  if (!real.includes(seed)) throw refuse(`alternative ${index} of ${asset} is a placeholder`)
  return { index, text: seed.text }
}
