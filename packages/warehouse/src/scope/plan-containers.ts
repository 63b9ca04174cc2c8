import { type AssetPath, formatAssetPath, type RelationKind, type ScopedContainer } from '@amx/api'
import { type CompiledScope, includesWhole } from './compile-scope.ts'
import { hasText } from './has-text.ts'

/** The schemas of a database with what is written about them and about the database. */
export interface SchemaComments {
  readonly databaseComment: string | null
  readonly schemas: readonly { readonly name: string; readonly comment: string | null }[]
}

interface NamedRelation {
  readonly parts: AssetPath
  readonly path: string
  readonly kind: RelationKind
  readonly comment: string | null
}

/** Most members listed of one schema or database; `memberCount` counts all of them. */
const mostListed = 5_000

/**
 * The schemas and the database that a scope selects as a whole, each with all it holds that the scope does not exclude: a text
 * about a schema stands on its tables whether they are described in this run or not. One that holds nothing is left out, and
 * with `missingOnly` one that has a comment. A table pattern narrows to schemas in which it matches something.
 */
export function planContainers(
  scope: CompiledScope,
  { databaseComment, schemas }: SchemaComments,
  relations: readonly NamedRelation[],
): readonly ScopedContainer[] {
  const visible = relations.filter(({ parts }) => includesWhole({ ...scope, include: [] }, parts))
  const bySchema = Map.groupBy(visible, ({ parts }) => parts[0] ?? '')
  const known = schemas
    .map(({ name, comment }) => ({ name, comment, path: formatAssetPath([name]), relations: bySchema.get(name) ?? [] }))
    .sort((left, right) => (left.path < right.path ? -1 : 1))

  const planned: ScopedContainer[] = []
  if (scope.containerKinds.has('Schema')) {
    for (const { name, comment, path, relations: held } of known) {
      if (!includesWhole(scope, [name])) continue
      if (!held.some(({ parts }) => scope.matchesPattern(parts[1] ?? '')) && held.length > 0) continue
      const members = held.map((relation) => ({
        path: relation.path,
        kind: relation.kind,
        comment: relation.comment,
        tables: 0,
      }))
      planned.push(containerOf({ path, kind: 'Schema', comment, members }, scope))
    }
  }
  if (scope.containerKinds.has('Database') && includesWhole(scope, [])) {
    const members = known
      .filter(({ relations: held }) => held.length > 0)
      .map(({ path, comment, relations: held }) => ({ path, kind: 'Schema' as const, comment, tables: held.length }))
    planned.push(containerOf({ path: '*', kind: 'Database', comment: databaseComment, members }, scope))
  }
  return planned
}

function containerOf(
  container: Pick<ScopedContainer, 'path' | 'kind' | 'comment' | 'members'>,
  { missingOnly }: CompiledScope,
): ScopedContainer {
  const { members, comment } = container
  const empty = members.length === 0 ? 'it holds no table and no view' : null
  return {
    ...container,
    members: evenly(members),
    memberCount: members.length,
    skipped: missingOnly && hasText(comment) ? 'has a comment' : empty,
  }
}

function evenly<Item>(items: readonly Item[]): Item[] {
  if (items.length <= mostListed) return [...items]
  return Array.from(
    { length: mostListed },
    (_, place) => items[Math.floor((place * items.length) / mostListed)],
  ).filter((item) => item !== undefined)
}
