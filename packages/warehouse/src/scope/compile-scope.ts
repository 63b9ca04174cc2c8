import {
  AmxError,
  type AssetPath,
  isWithin,
  narrowPaths,
  parseAssetPath,
  type RelationKind,
  relationKinds,
  type Scope,
} from '@amx/api'
import { RE2JS } from 're2js'

/** A scope made ready to ask: parsed, narrowed, its pattern compiled. */
export interface CompiledScope {
  /** Entries that count: one with a deeper entry below it has been narrowed to that one. */
  readonly include: readonly AssetPath[]
  /** Every entry as written, for finding the ones that name nothing. */
  readonly named: readonly AssetPath[]
  readonly exclude: readonly AssetPath[]
  readonly kinds: ReadonlySet<RelationKind>
  /** What above the relations is to be described as well. */
  readonly containerKinds: ReadonlySet<'Schema' | 'Database'>
  readonly tableLimit: number
  readonly missingOnly: boolean
  matchesPattern(relationName: string): boolean
}

/** Reads a scope. Throws AMX-1011 for a path and AMX-1001 for a pattern that cannot be read. */
export function compileScope(scope: Scope): CompiledScope {
  const include = scope.include.map(parseAssetPath)
  const exclude = scope.exclude.map(parseAssetPath)
  const relations = relationKinds.filter((kind) => scope.kinds.includes(kind))
  return {
    include: narrowPaths(include),
    named: [...include, ...exclude],
    exclude,
    kinds: new Set(scope.kinds.length === 0 ? relationKinds : relations),
    containerKinds: new Set(scope.kinds.filter((kind) => kind === 'Schema' || kind === 'Database')),
    tableLimit: scope.tableLimit,
    missingOnly: scope.missingOnly,
    matchesPattern: compilePattern(scope.tablePattern),
  }
}

/** Whether an asset is in scope by its path alone; a relation or schema also when only something below it is. */
export function includesPath(scope: CompiledScope, path: AssetPath): boolean {
  if (scope.exclude.some((entry) => isWithin(path, entry))) return false
  return scope.include.length === 0 || scope.include.some((entry) => isWithin(path, entry) || isWithin(entry, path))
}

/** Whether the asset itself is selected, not merely something below it. */
export function includesWhole(scope: CompiledScope, path: AssetPath): boolean {
  if (scope.exclude.some((entry) => isWithin(path, entry))) return false
  return scope.include.length === 0 || scope.include.some((entry) => isWithin(path, entry))
}

// RE2 has no backtracking: no pattern a person can write takes more than linear time.
function compilePattern(pattern: string | null): (name: string) => boolean {
  if (pattern === null || pattern === '') return () => true
  const compiled = compileRe2(pattern)
  return (name) => compiled.matcher(name).find()
}

function compileRe2(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (thrown) {
    const problem = thrown instanceof Error ? thrown.message : String(thrown)
    throw new AmxError('AMX-1001', { field: 'scope.tablePattern', problem }, { cause: thrown })
  }
}
