import type { RunMetric, RunSummary } from '@amx/api'
import type { RunFigures } from '@amx/store'

interface Metric extends Pick<RunMetric, 'name' | 'better' | 'unit'> {
  /** Null where it is not known. */
  readonly value: (run: RunFigures) => number | null
  /** It grows with what a run covers, so that it says something among runs over the same assets alone. */
  readonly ofScope?: true
  /** Why figures of these runs do not compare; null where they do. */
  readonly obstacle?: (runs: readonly RunFigures[]) => string | null
}

const metrics: readonly Metric[] = [
  {
    name: 'columns drafted',
    better: 'more',
    unit: 'count',
    ofScope: true,
    value: of(({ columns }) => columns.drafted),
  },
  {
    name: 'coverage',
    better: 'more',
    unit: 'share',
    value: of(({ columns }) => share(columns.drafted, columns.planned)),
  },
  { name: 'columns failed', better: 'less', unit: 'count', ofScope: true, value: of(({ columns }) => columns.failed) },
  {
    name: 'mean confidence',
    better: 'more',
    unit: 'score',
    value: of(({ confidence }) => confidence.mean),
    obstacle: otherSignals,
  },
  {
    name: 'high',
    better: 'more',
    unit: 'count',
    ofScope: true,
    value: of(({ confidence }) => confidence.high),
    obstacle: otherSignals,
  },
  { name: 'medium', better: 'neither', unit: 'count', value: of(({ confidence }) => confidence.medium) },
  {
    name: 'low',
    better: 'less',
    unit: 'count',
    ofScope: true,
    value: of(({ confidence }) => confidence.low),
    obstacle: otherSignals,
  },
  { name: 'with warnings', better: 'less', unit: 'count', ofScope: true, value: ({ warned }) => warned },
  {
    name: 'accepted unchanged',
    better: 'more',
    unit: 'share',
    value: (run) => share(byPeople(run) - run.edited, decidedByPeople(run)),
  },
  { name: 'accepted edited', better: 'less', unit: 'share', value: (run) => share(run.edited, decidedByPeople(run)) },
  {
    name: 'rejected',
    better: 'less',
    unit: 'share',
    value: (run) => share(run.summary.review.rejected, decidedByPeople(run)),
  },
  { name: 'cost', better: 'less', unit: 'dollars', ofScope: true, value: of(cost), obstacle: partlyPriced },
  {
    name: 'cost per column',
    better: 'less',
    unit: 'dollars',
    value: of((run) => share(cost(run), run.columns.drafted)),
    obstacle: partlyPriced,
  },
  { name: 'input tokens', better: 'less', unit: 'tokens', ofScope: true, value: of((run) => run.cost.inputTokens) },
  { name: 'output tokens', better: 'less', unit: 'tokens', ofScope: true, value: of((run) => run.cost.outputTokens) },
  { name: 'calls', better: 'less', unit: 'count', ofScope: true, value: of((run) => run.cost.calls) },
  {
    name: 'time to drafts',
    better: 'less',
    unit: 'milliseconds',
    ofScope: true,
    value: ({ draftedInMs }) => draftedInMs,
  },
]

/**
 * Metrics of runs side by side with the best of each. Nobody wins where all are alike, where fewer than two are known, and where
 * the figures do not compare, which is said. Pure.
 */
export function runMetrics(runs: readonly RunFigures[], { sameScope }: { readonly sameScope: boolean }): RunMetric[] {
  return metrics.map(({ name, better, unit, value, ofScope, obstacle }) => {
    const values = runs.map(value)
    const known = values.filter((figure) => figure !== null)
    const differ = known.length > 1 && new Set(known).size > 1
    const head = { name, better, unit, values }
    if (!differ || better === 'neither') return { ...head, winners: [], notCompared: null }
    const reason = ofScope === true && !sameScope ? 'the runs cover different assets' : (obstacle?.(runs) ?? null)
    if (reason !== null) return { ...head, winners: [], notCompared: reason }
    const best = better === 'more' ? Math.max(...known) : Math.min(...known)
    return { ...head, winners: values.flatMap((figure, index) => (figure === best ? [index] : [])), notCompared: null }
  })
}

function of(value: (summary: RunSummary) => number | null): Metric['value'] {
  return ({ summary }) => value(summary)
}

function share(part: number | null, whole: number): number | null {
  return part === null || whole === 0 ? null : part / whole
}

function cost({ cost: { amount } }: RunSummary): number | null {
  return amount === null ? null : Number(amount)
}

// What a run's own policy accepted says nothing about what people think of it.
function byPeople({ summary, acceptedByPolicy }: RunFigures): number {
  return Math.max(0, summary.review.accepted - acceptedByPolicy)
}

function decidedByPeople(run: RunFigures): number {
  return byPeople(run) + run.summary.review.rejected
}

function otherSignals(runs: readonly RunFigures[]): string | null {
  const signals = [...new Set(runs.map(({ signal }) => signal))]
  return signals.length === 1 ? null : `confidence is measured by ${signals.join(' and ')}`
}

function partlyPriced(runs: readonly RunFigures[]): string | null {
  const partly = runs.filter(({ summary }) => summary.cost.unpricedCalls + summary.cost.unknownCalls > 0)
  return partly.length === 0
    ? null
    : `not every call of ${partly.map(({ summary }) => summary.name).join(' and ')} has a known price`
}
