/**
 * Number of distinct values among `totalRows` rows, estimated from a sample by the estimator of Haas and Stokes that PostgreSQL's
 * own ANALYZE uses: n·d / (n − f1 + f1·n/N), with `seenOnce` = f1. Without a total it is what was seen.
 */
export function distinctEstimate(sample: {
  readonly rows: number
  readonly distinct: number
  readonly seenOnce: number
  readonly totalRows: number | null
}): number {
  const { rows, distinct, seenOnce, totalRows } = sample
  if (rows === 0 || totalRows === null || totalRows <= rows || seenOnce === 0) return distinct
  if (seenOnce === rows) return Math.round(totalRows)
  const estimate = (rows * distinct) / (rows - seenOnce + (seenOnce * rows) / totalRows)
  return Math.round(Math.min(Math.max(estimate, distinct), totalRows))
}
