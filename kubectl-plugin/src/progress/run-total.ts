import type { MetadataRun } from '@amx/api'
import { counted, dollars, grouped } from '../output/figures.ts'
import type { Paint } from '../output/paint.ts'

/** What a run came to, once nothing more happens by itself: drafts, confidence, tokens, cost. Nothing for a run that drafted nothing. */
export function runTotal({ status }: MetadataRun, paint: Paint): string[] {
  const { columns, confidence, cost, draft, duration } = status ?? {}
  if (draft === undefined || draft.rows === 0) return []
  const lines = [
    `${paint('green', '✓')} ${counted(draft.rows, 'description')} drafted${duration === undefined ? '' : ` in ${duration}`}.`,
  ]
  const left = (columns?.skipped ?? 0) + (columns?.failed ?? 0)
  if (left > 0) lines.push(`  ${counted(left, 'column')} without a draft: the results say why.`)
  if (confidence !== undefined) {
    const none = confidence.none ? ` · no score ${grouped(confidence.none)}` : ''
    lines.push(
      `  Confidence: high ${grouped(confidence.high)} · medium ${grouped(confidence.medium)} · low ${grouped(confidence.low)}${none}`,
    )
  }
  if (cost !== undefined && cost.calls + (cost.cachedReplies ?? 0) > 0) lines.push(`  ${costLine(cost)}`)
  return lines
}

function costLine(cost: NonNullable<NonNullable<MetadataRun['status']>['cost']>): string {
  const priced = cost.amount === undefined ? 'unknown: the model has no known price' : dollars(cost.amount)
  const prices = cost.priceTable === 'profile' ? 'the LLMProfile' : cost.priceTable
  const frozen = prices === undefined ? '' : ` (prices of ${prices}, frozen with the run)`
  const stored = cost.cachedReplies ? ` · ${counted(cost.cachedReplies, 'stored reply', 'stored replies')}` : ''
  return `Tokens: ${grouped(cost.inputTokens)} in / ${grouped(cost.outputTokens)} out${stored} · Cost: ${priced}${frozen}`
}
