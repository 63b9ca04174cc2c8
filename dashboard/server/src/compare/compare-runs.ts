import {
  AmxError,
  type ComparedRow,
  type ComparisonRows,
  type ComparisonUnit,
  type RunComparison,
  type RunSummary,
} from '@amx/api'
import type { ComparedScope, RunFigures, ServerStore } from '@amx/store'
import { bestCells } from './best-cells.ts'
import { runMetrics } from './run-metrics.ts'

export interface CompareQuery extends Omit<ComparedScope, 'runUids' | 'byPath'> {
  readonly only: ComparisonRows
  readonly by: ComparisonUnit
  readonly limit: number
  readonly after?: string
}

/** Runs side by side: figures with the best of each, and a page of their rows, or their figures per place. */
export async function compareRuns(
  store: ServerStore,
  runUids: readonly string[],
  query: CompareQuery,
  signal: AbortSignal,
): Promise<RunComparison> {
  const figures = await store.readRunFigures(runUids, signal)
  const byPath = figures.every(({ databaseKeys }) => databaseKeys.length <= 1)
  const { only, by, limit, after, ...narrowed } = query
  const whole: ComparedScope = { runUids, byPath }
  const scope: ComparedScope = { ...whole, ...narrowed }
  const narrow = Object.keys(narrowed).length > 0
  const place = after === undefined ? null : readPlace(after)
  const [covered, overlap, page, groups] = await Promise.all([
    place === null ? store.readOverlap(whole, signal) : null,
    narrow && place === null ? store.readOverlap(scope, signal) : null,
    by === 'asset'
      ? store.compareRows({ ...scope, only, limit, ...(place !== null && { after: place.after }) }, signal)
      : { rows: [], next: null },
    by === 'asset' ? null : store.compareGroups(scope, by, signal),
  ])
  const runs = figures.map(({ summary }) => summary)
  const sameScope = place?.sameScope ?? covered?.inAll === covered?.assets
  const oneModel = new Set(runs.map(({ model }) => model)).size === 1
  return {
    runs,
    metrics: runMetrics(figures, { sameScope }),
    remarks: remarksAbout(figures, { sameScope, byPath }),
    overlap: overlap ?? covered,
    rows: page.rows.map((row): ComparedRow => ({ ...row, winners: bestCells(row.cells, { oneModel }) })),
    next: page.next === null ? null : writePlace({ sameScope, after: page.next }),
    ...(groups !== null && { groups: [...groups] }),
  }
}

/** Where a comparison goes on, with what all rows of the runs had to be looked at for: the first page alone does that. */
interface Place {
  readonly sameScope: boolean
  readonly after: string
}

function writePlace({ sameScope, after }: Place): string {
  return `${sameScope ? 'same' : 'other'}.${after}`
}

function readPlace(cursor: string): Place {
  const [, scope, after] = /^(same|other)\.(.+)$/s.exec(cursor) ?? []
  if (after === undefined) throw new AmxError('AMX-1014', { problem: 'the page cursor is not one of this list' })
  return { sameScope: scope === 'same', after }
}

function remarksAbout(
  figures: readonly RunFigures[],
  { sameScope, byPath }: { readonly sameScope: boolean; readonly byPath: boolean },
): string[] {
  const goingOn = figures.filter(({ draftedInMs, summary }) => draftedInMs === null && !hasEnded(summary))
  const databases = new Set(figures.flatMap(({ databaseKeys }) => databaseKeys))
  const unscored = figures.filter(({ summary }) => summary.draftDigest === null && hasEnded(summary))
  return [
    ...(sameScope ? [] : ['The runs cover different assets: figures that grow with the scope have no winner.']),
    ...(byPath && databases.size > 1 ? ['The runs are of different databases: assets are matched by their path.'] : []),
    ...goingOn.map(({ summary }) => `Run "${summary.name}" is still drafting: its figures will change.`),
    ...unscored.map(({ summary }) => `Run "${summary.name}" ended without complete drafts (${summary.phase}).`),
  ]
}

function hasEnded({ finishedAt }: RunSummary): boolean {
  return finishedAt !== null
}
