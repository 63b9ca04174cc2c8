import type { ComparedCell, ComparedGroup, ComparedRow } from '@amx/api'
import type { CommandIO } from '../../command-io.ts'
import { print } from '../../command-io.ts'
import { harmless, type Paint } from '../../output/paint.ts'
import type { ReportColumn } from '../../output/print-report.ts'
import { wordChanges } from './word-changes.ts'

/** A line per asset with the text of each run; the best text is marked. */
export function assetColumns(names: readonly string[]): ReportColumn<ComparedRow>[] {
  return [
    { head: 'asset', shown: assetOf },
    { head: 'same', shown: ({ same }) => (same ? 'yes' : 'no') },
    ...names.flatMap((name, index): ReportColumn<ComparedRow>[] => [
      {
        head: name,
        shown: ({ cells, winners }) => `${textOf(cells[index])}${winners.includes(index) ? ' *' : ''}`,
        plain: ({ cells }) => cells[index]?.text ?? null,
      },
      { head: `${name} score`, inFiles: true, shown: ({ cells }) => String(cells[index]?.score ?? '') },
      { head: `${name} state`, inFiles: true, shown: ({ cells }) => cells[index]?.state ?? '' },
      { head: `${name} version`, inFiles: true, shown: ({ cells }) => String(cells[index]?.version ?? '') },
    ]),
  ]
}

/** Figures of each run per place. */
export function placeColumns(by: string, names: readonly string[]): ReportColumn<ComparedGroup>[] {
  return [
    { head: by, shown: ({ place }) => place },
    ...names.flatMap((name, index): ReportColumn<ComparedGroup>[] => [
      { head: `${name} rows`, shown: ({ figures }) => String(figures[index]?.rows ?? 0) },
      {
        head: 'high/medium/low',
        shown: ({ figures }) => {
          const { high = 0, medium = 0, low = 0 } = figures[index] ?? {}
          return `${high}/${medium}/${low}`
        },
      },
      { head: 'mean', shown: ({ figures }) => figures[index]?.mean?.toFixed(2) ?? '-' },
      { head: 'accepted', shown: ({ figures }) => String(figures[index]?.accepted ?? 0) },
    ]),
  ]
}

/** Each asset with the text of the first run, and what the others change of it, word by word. */
export function printWordDiff(
  io: CommandIO,
  rows: readonly ComparedRow[],
  names: readonly string[],
  paint: Paint,
): void {
  const width = Math.max(...names.map((name) => name.length)) + 3
  for (const [place, row] of rows.entries()) {
    const [first] = row.cells
    if (place > 0) print(io, '')
    print(io, paint('bold', harmless(assetOf(row))))
    for (const [index, cell] of row.cells.entries()) {
      const base = index === 0 ? null : (first?.text ?? null)
      const words = base === null || cell?.text === null || cell === undefined || cell === null
      const text = words ? harmless(textOf(cell)) : wordChanges(base, cell.text ?? '', paint)
      print(io, `  ${(names[index] ?? '').padEnd(width)}${text}${aboutCell(cell, row.winners.includes(index))}`)
    }
  }
}

function assetOf({ path, target }: ComparedRow): string {
  return target === null ? path : `${path} (${target})`
}

function textOf(cell: ComparedCell | null | undefined): string {
  if (cell === null || cell === undefined) return '(not in this run)'
  return cell.text ?? `(none${cell.reason === null ? '' : `: ${cell.reason}`})`
}

function aboutCell(cell: ComparedCell | null, best: boolean): string {
  if (cell === null) return ''
  const facts = [
    cell.version > 1 ? `v${cell.version}` : '',
    cell.score === null ? '' : cell.score.toFixed(2),
    cell.state === 'Unreviewed' ? '' : cell.state.toLowerCase(),
    cell.edited ? 'own words' : '',
    best ? 'best' : '',
  ].filter(Boolean)
  return facts.length === 0 ? '' : `  (${facts.join(', ')})`
}
