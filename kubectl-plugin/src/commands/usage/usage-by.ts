import type { RunSummary } from '@amx/api'

export const usageUnits = ['model', 'database', 'day', 'run'] as const
export type UsageUnit = (typeof usageUnits)[number]

/** What models were asked and what it cost. */
export interface Usage {
  readonly group: string
  readonly runs: number
  readonly calls: number
  readonly cachedReplies: number
  readonly inputTokens: number
  readonly cachedInputTokens: number
  readonly outputTokens: number
  readonly reasoningTokens: number
  /** US dollars as decimal text: what is known of it; null when no call was priced. */
  readonly cost: string | null
  /** Calls the cost does not hold: of models without a known price. */
  readonly unpricedCalls: number
}

/** Usage per group, the dearest first, then the one of most tokens. Pure. */
export function usageBy(runs: readonly RunSummary[], unit: UsageUnit): Usage[] {
  const groups = Map.groupBy(runs, (run) => groupOf(run, unit))
  return [...groups]
    .map(([group, members]) => ({ ...usageOf(members), group }))
    .sort(
      (one, other) =>
        Number(other.cost ?? -1) - Number(one.cost ?? -1) ||
        other.inputTokens - one.inputTokens ||
        one.group.localeCompare(other.group),
    )
}

/** Usage of all of them together. Pure. */
export function usageOf(runs: readonly RunSummary[]): Usage {
  const sum = (pick: (cost: RunSummary['cost']) => number) => runs.reduce((total, { cost }) => total + pick(cost), 0)
  return {
    group: 'total',
    runs: runs.length,
    calls: sum(({ calls }) => calls),
    cachedReplies: sum(({ cachedReplies }) => cachedReplies),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    cachedInputTokens: sum(({ cachedInputTokens }) => cachedInputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    reasoningTokens: sum(({ reasoningTokens }) => reasoningTokens),
    cost: addDecimals(runs.map(({ cost }) => cost.amount).filter((amount) => amount !== null)),
    unpricedCalls: sum(({ unpricedCalls }) => unpricedCalls),
  }
}

/** The exact sum of decimal texts: money is not added in binary fractions. Null for none. */
export function addDecimals(amounts: readonly string[]): string | null {
  if (amounts.length === 0) return null
  const digits = Math.max(...amounts.map((amount) => amount.split('.')[1]?.length ?? 0))
  const total = amounts.reduce((sum, amount) => {
    const [whole = '0', fraction = ''] = amount.split('.')
    return sum + BigInt(whole + fraction.padEnd(digits, '0'))
  }, 0n)
  const text = String(total).padStart(digits + 1, '0')
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`.replace(/\.?0+$/, '')
}

function groupOf(run: RunSummary, unit: UsageUnit): string {
  switch (unit) {
    case 'model':
      return run.model ?? '(none)'
    case 'database':
      return run.databaseProfiles.join(', ') || '(none)'
    case 'day':
      return run.startedAt.slice(0, 10)
    case 'run':
      return run.name
  }
}
