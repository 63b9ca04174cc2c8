import { type AssetPath, type CatalogEntry, formatAssetPath, isWithin, parseAssetPath, type ResultRow } from '@amx/api'

const written: readonly (string | null)[] = ['Applied', 'AlreadyThere']

/**
 * Rows of everything a catalog knows below the given assets: drafted ones with what stands in the database now, the others with their
 * comment alone. What the catalog no longer has is gone. Schemas and the database count where they were drafted. Pure.
 */
export function withCatalog(
  rows: readonly ResultRow[],
  entries: readonly CatalogEntry[],
  below: readonly AssetPath[],
): ResultRow[] {
  const drafted = new Map(rows.map((row) => [keyOf(row.target, row.path), row]))
  const isMeant = (path: string) => below.length === 0 || below.some((asset) => isWithin(parseAssetPath(path), asset))
  return entries.flatMap(assetsOf).flatMap(({ target, path, kind, comment }) => {
    if (!isMeant(path)) return []
    const row = drafted.get(keyOf(target, path))
    const isContainer = kind === 'Schema' || kind === 'Database'
    if (row === undefined) return isContainer ? [] : [bareRow(target, path, kind, comment)]
    return [
      { ...row, existingComment: comment, applyOutcome: written.includes(row.applyOutcome) ? null : row.applyOutcome },
    ]
  })
}

type Known = Pick<CatalogEntry, 'target' | 'path' | 'kind' | 'comment'>

function assetsOf({ target, path, kind, comment, columns }: CatalogEntry): Known[] {
  const parts = parseAssetPath(path)
  return [
    { target, path, kind, comment },
    ...columns.map((column) => ({
      target,
      path: formatAssetPath([...parts, column.name]),
      kind: 'Column' as const,
      comment: column.comment ?? null,
    })),
  ]
}

function bareRow(target: string, path: string, kind: ResultRow['kind'], comment: string | null): ResultRow {
  return {
    id: path,
    target,
    path,
    kind,
    source: 'profile',
    signal: 'None',
    score: null,
    band: null,
    alternatives: [],
    existingComment: comment,
    reasoning: null,
    citations: [],
    evidence: '',
    warnings: [],
    skippedReason: null,
    state: 'Unreviewed',
    chosenText: null,
    chosenAlternative: null,
    decidedBy: null,
    decidedAt: null,
    applyOutcome: null,
    applyError: null,
  }
}

function keyOf(target: string, path: string): string {
  return JSON.stringify([target, path])
}
