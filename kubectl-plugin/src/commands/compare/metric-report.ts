import type { RunComparison, RunMetric } from '@amx/api'
import { dollars, grouped, spokenDuration } from '../../output/figures.ts'
import type { ReportColumn } from '../../output/print-report.ts'

/** A column per run, the best of each figure marked, and why nobody is best where that needs saying. */
export function metricColumns({ runs, metrics }: RunComparison, names: readonly string[]): ReportColumn<RunMetric>[] {
  const noted = metrics.some(({ notCompared }) => notCompared !== null)
  return [
    { head: 'figure', shown: ({ name }) => name },
    ...runs.map(
      (_, index): ReportColumn<RunMetric> => ({
        head: names[index] ?? '',
        shown: (metric) => `${figure(metric, index)}${metric.winners.includes(index) ? ' *' : ''}`,
        plain: ({ values }) => values[index] ?? null,
      }),
    ),
    {
      head: 'best',
      inFiles: true,
      shown: ({ winners }) => winners.map((index) => names[index] ?? '').join(' '),
    },
    ...(noted ? [{ head: 'not compared', shown: ({ notCompared }: RunMetric) => notCompared ?? '' }] : []),
  ]
}

function figure({ values, unit }: RunMetric, index: number): string {
  const value = values[index]
  if (value === null || value === undefined) return '-'
  switch (unit) {
    case 'share':
      return `${(value * 100).toFixed(1)}%`
    case 'score':
      return value.toFixed(3)
    case 'dollars':
      return value > 0 && value < 0.0001 ? `$${value.toFixed(7)}` : dollars(String(value))
    case 'milliseconds':
      return spokenDuration(value)
    default:
      return grouped(value)
  }
}
