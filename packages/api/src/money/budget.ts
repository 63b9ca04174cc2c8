import { AmxError } from '../errors/amx-error.ts'
import { dollarText, nanoDollars } from './decimal-money.ts'

/** What a run may use up. */
export interface Budget {
  /** US dollars as decimal text; null = no limit. */
  readonly maximumCostUsd: string | null
  /** Tokens in and out; 0 = no limit. */
  readonly maximumTokens: number
}

/** Tokens and money; the cost is null when the price is unknown. */
export interface Spending {
  readonly tokens: number
  readonly costUsd: string | null
}

/** Why nothing more is let through. */
export interface BudgetRefusal {
  readonly kind: 'Exhausted' | 'PriceUnknown'
  readonly used: Spending
  readonly wanted: Spending
}

/**
 * How many of the next units fit: `used` is what ended and what is in flight, `wanted` what each of the next is expected to use, in
 * the order in which they would be handed out. With the refusal of the first that does not fit. Pure.
 */
export function fitBudget(
  budget: Budget,
  used: Spending,
  wanted: readonly Spending[],
): { readonly fits: number; readonly refusal: BudgetRefusal | null } {
  let tokens = used.tokens
  let nano = used.costUsd === null ? null : nanoDollars(used.costUsd)
  const limit = budget.maximumCostUsd === null ? null : nanoDollars(budget.maximumCostUsd)
  for (const [index, next] of wanted.entries()) {
    tokens += next.tokens
    nano = nano === null || next.costUsd === null ? null : nano + nanoDollars(next.costUsd)
    if (budget.maximumTokens > 0 && tokens > budget.maximumTokens) {
      return { fits: index, refusal: { kind: 'Exhausted', used, wanted: next } }
    }
    if (limit === null) continue
    if (nano === null) return { fits: index, refusal: { kind: 'PriceUnknown', used, wanted: next } }
    if (nano > limit) return { fits: index, refusal: { kind: 'Exhausted', used, wanted: next } }
  }
  return { fits: wanted.length, refusal: null }
}

/** Both together; of unknown cost when one of them is. */
export function addSpending(one: Spending, other: Spending): Spending {
  const costUsd =
    one.costUsd === null || other.costUsd === null
      ? null
      : dollarText(nanoDollars(one.costUsd) + nanoDollars(other.costUsd))
  return { tokens: one.tokens + other.tokens, costUsd }
}

/** A budget from a run's spec; null when it sets no limit. */
export function budgetOf(
  spec: { readonly maximumCost?: string; readonly maximumTokens?: number } | undefined,
): Budget | null {
  const budget = { maximumCostUsd: spec?.maximumCost ?? null, maximumTokens: spec?.maximumTokens ?? 0 }
  return budget.maximumCostUsd === null && budget.maximumTokens === 0 ? null : budget
}

/** A refusal with its figures and what to do. */
export function budgetError(budget: Budget, refusal: BudgetRefusal, model: string): AmxError {
  if (refusal.kind === 'PriceUnknown') return new AmxError('AMX-1031', { model })
  const { used, wanted } = refusal
  const limits = [
    budget.maximumCostUsd === null ? null : `$${budget.maximumCostUsd}`,
    budget.maximumTokens === 0 ? null : `${budget.maximumTokens} tokens`,
  ].filter((limit) => limit !== null)
  return new AmxError('AMX-1030', {
    limit: limits.join(' and '),
    used: spendingText(used),
    wanted: spendingText(wanted),
  })
}

function spendingText({ tokens, costUsd }: Spending): string {
  return costUsd === null ? `${tokens} tokens` : `$${roundedDollars(costUsd)} and ${tokens} tokens`
}

/** A cost as people read it: cents from a dollar on, six digits below. */
export function roundedDollars(text: string): string {
  const step = nanoDollars(text) >= 1_000_000_000n ? 10_000_000n : 1_000n
  return dollarText(((nanoDollars(text) + step / 2n) / step) * step)
}
