import type { AssetPath, RelationKind } from '@amx/api'
import { type CompiledScope, includesPath } from './compile-scope.ts'

/** What the scope asks of a relation. */
interface RelationName {
  /** Schema and name. */
  readonly parts: AssetPath
  readonly kind: RelationKind
}

/** The relations a scope selects by path, pattern and kind, in the order given; the limit comes later, when the plan is known. */
export function selectRelations<Named extends RelationName>(
  scope: CompiledScope,
  relations: readonly Named[],
): readonly Named[] {
  return relations.filter(
    ({ parts, kind }) => scope.kinds.has(kind) && includesPath(scope, parts) && scope.matchesPattern(parts[1] ?? ''),
  )
}
