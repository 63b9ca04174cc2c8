import type { MetadataRun } from '@amx/api'
import { dollars, grouped, spokenDuration } from '../output/figures.ts'
import type { Paint } from '../output/paint.ts'
import type { BatchCount } from './batch-count.ts'
import { phaseColour } from './run-line.ts'

/** Where a run stands right now: what is redrawn in place on a terminal. Pure. */
export function liveLines(run: MetadataRun | null, batches: BatchCount, now: Date, paint: Paint): string[] {
  const { status } = run ?? {}
  if (status?.phase === undefined) return ['waiting for the operator']
  const { columns, confidence, apply, cost, review } = status
  const started = status.startTime === undefined ? null : now.getTime() - Date.parse(status.startTime)
  const work = [
    paint(phaseColour(status.phase), status.phase),
    started === null ? '' : spokenDuration(Math.max(0, started)),
    columns && columns.planned > 0 ? `profiled ${outOf(columns.profiled, columns.planned)}` : '',
    batches.known > 0 ? `batches ${outOf(batches.done, batches.known)}` : '',
    columns && columns.planned > 0 ? `drafted ${outOf(columns.drafted, columns.planned)} columns` : '',
    apply && apply.applied + apply.failed + (review?.queued ?? 0) > 0 && status.phase === 'Applying'
      ? `written ${outOf(apply.applied, apply.applied + apply.failed + apply.refused + (review?.queued ?? 0))}`
      : '',
  ]
  const found = [
    confidence && confidence.high + confidence.medium + confidence.low > 0
      ? `high ${grouped(confidence.high)} · medium ${grouped(confidence.medium)} · low ${grouped(confidence.low)}`
      : '',
    cost && cost.inputTokens + cost.outputTokens > 0
      ? `${grouped(cost.inputTokens)} in / ${grouped(cost.outputTokens)} out`
      : '',
    cost?.amount === undefined || cost.calls === 0 ? '' : dollars(cost.amount),
  ]
  const lines = [work, found].map((parts) => parts.filter((part) => part !== '').join('   '))
  return lines.filter((line) => line !== '').map((line, index) => (index === 0 ? line : `  ${line}`))
}

function outOf(done: number, all: number): string {
  return `${grouped(done)}/${grouped(all)}`
}
