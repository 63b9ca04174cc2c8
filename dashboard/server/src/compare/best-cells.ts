import type { ComparedCell } from '@amx/api'

type Scored = Pick<ComparedCell, 'text' | 'signal' | 'score' | 'tokenProbability'>

/**
 * Indexes of the cells with the best text of a row: the most probable to the models that wrote them, where all tell and the models
 * are one; else the best score by one signal. None where texts are the same, or nothing compares. Pure.
 */
export function bestCells(cells: readonly (Scored | null)[], { oneModel }: { readonly oneModel: boolean }): number[] {
  const given = cells.filter((cell) => cell !== null && cell.text !== null)
  if (given.length < 2 || new Set(given.map((cell) => cell?.text)).size === 1) return []
  const figures = oneModel ? (known(cells, ({ tokenProbability }) => tokenProbability) ?? scores(cells)) : scores(cells)
  if (figures === null) return []
  const best = Math.max(...figures.filter((figure) => figure !== null))
  const winners = figures.flatMap((figure, index) => (figure === best ? [index] : []))
  return winners.length === given.length ? [] : winners
}

function scores(cells: readonly (Scored | null)[]): readonly (number | null)[] | null {
  const signals = new Set(cells.flatMap((cell) => (cell === null || cell.text === null ? [] : [cell.signal])))
  return signals.size === 1 ? known(cells, ({ score }) => score) : null
}

/** A figure per cell with a text, null for those without one; null when a text has no figure. */
function known(
  cells: readonly (Scored | null)[],
  figure: (cell: Scored) => number | null,
): readonly (number | null)[] | null {
  const figures = cells.map((cell) => (cell === null || cell.text === null ? undefined : figure(cell)))
  return figures.includes(null) ? null : figures.map((value) => value ?? null)
}
