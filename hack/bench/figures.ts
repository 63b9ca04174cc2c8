/** One row of the bench's table. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: 's' | 'statements' | 'writes' | 'MiB' | 'kB' | 'calls' | 'batches' | 'ms' | 'µ$' | 'tokens'
  /** At most this much is to be reached; null for figures that only explain others. */
  readonly reach: number | null
}

/** The figures as a table for people. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, reach }) => [
    name,
    `${unit === 's' ? value.toFixed(2) : Math.round(value)} ${unit}`,
    reach === null ? '' : `≤ ${reach}`,
    reach === null ? '' : value <= reach ? 'reached' : 'missed',
  ])
  const all = [['Figure', 'Value', 'Reach', ''], ...rows]
  const widths = [0, 1, 2].map((index) => Math.max(...all.map((row) => (row[index] ?? '').length)))
  return all
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
