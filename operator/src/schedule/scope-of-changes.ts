import {
  AmxError,
  type AssetPath,
  defaults,
  formatAssetPath,
  isWithin,
  type MetadataScheduleSpec,
  narrowPaths,
  parseAssetPath,
  type RunTarget,
  type TargetScope,
} from '@amx/api'
import { RE2JS } from 're2js'
import type { CatalogChange } from './schedule-observed.ts'

/** As many paths as a scope can include. */
const mostPaths = 1_000

/** The changes that a schedule asks for, in the scope of its template. Pure. Throws AMX-1001 and AMX-1011 for a scope that cannot be read. */
export function changesInScope(
  { onChange, runTemplate }: Pick<MetadataScheduleSpec, 'onChange' | 'runTemplate'>,
  changes: readonly CatalogChange[],
): CatalogChange[] {
  const wanted: readonly string[] = onChange?.changes ?? defaults.schedule.onChange.changes
  const scopes = (runTemplate.spec.targets ?? []).map(({ scope }) => readScope(scope ?? {}))
  return changes.filter((change) => wanted.includes(change.change) && scopes[change.target]?.(change))
}

/**
 * The targets of a template, of each no more than the tables that were added or changed; null where the run is to be as the template
 * stands: its type names assets one by one or none, nothing is left but what was dropped, or there is more than a scope can name.
 */
export function targetsOfChanges(
  { runTemplate }: Pick<MetadataScheduleSpec, 'runTemplate'>,
  changes: readonly CatalogChange[],
): RunTarget[] | null {
  const { type, targets = [] } = runTemplate.spec
  if (type !== 'Analyze' && type !== 'Refresh') return null
  const gone = new Set(
    changes
      .filter(({ change, column }) => change === 'Dropped' && column === null)
      .map(({ target, table }) => `${target} ${table}`),
  )
  const narrowed = targets.flatMap((target, index) => {
    const tables = new Set(
      changes
        .filter(
          (change) => change.target === index && change.change !== 'Dropped' && !gone.has(`${index} ${change.table}`),
        )
        .map(({ table }) => table),
    )
    const include = [...tables].flatMap((table) => within(table, target.scope?.include))
    return include.length === 0 ? [] : [{ ...target, scope: { ...target.scope, include } }]
  })
  const isNameable = narrowed.every(({ scope }) => scope.include.length <= mostPaths)
  return narrowed.length === 0 || !isNameable ? null : narrowed
}

/** A table as far as a scope includes it: itself, or the paths that go deeper. */
function within(table: string, include: readonly string[] | undefined): string[] {
  if (include === undefined || include.length === 0) return [table]
  const path = parseAssetPath(table)
  const paths = narrowPaths(include.map(parseAssetPath))
  if (paths.some((known) => isWithin(path, known))) return [table]
  return paths.filter((known) => isWithin(known, path)).map(formatAssetPath)
}

function readScope({ include = [], exclude = [], tablePattern, kinds }: TargetScope) {
  const included = narrowPaths(include.map(parseAssetPath))
  const excluded = exclude.map(parseAssetPath)
  const pattern = readPattern(tablePattern)
  const ofKinds: readonly string[] = kinds ?? defaults.scope.kinds
  return ({ table, kind, column }: CatalogChange): boolean => {
    if (!ofKinds.includes(kind)) return false
    const tablePath = parseAssetPath(table)
    if (!pattern(tablePath.at(-1) ?? '')) return false
    const path: AssetPath = column === null ? tablePath : [...tablePath, column]
    if (excluded.some((one) => isWithin(path, one))) return false
    // Of a table that came or went, the columns that are included count.
    const touches = (one: AssetPath) => isWithin(path, one) || (column === null && isWithin(one, path))
    return included.length === 0 || included.some(touches)
  }
}

function readPattern(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined || pattern === '') return () => true
  try {
    const compiled = RE2JS.compile(pattern)
    return (name) => compiled.matcher(name).find()
  } catch (thrown) {
    const problem = thrown instanceof Error ? thrown.message : String(thrown)
    throw new AmxError('AMX-1001', { field: 'spec.runTemplate.spec.targets[*].scope.tablePattern', problem })
  }
}
