import { seededRandom } from './seeded-random.ts'
import type { FaultRule } from './stub-options.ts'

/** What a rule can look at. */
export interface FaultSubject {
  route: 'chat' | 'embeddings'
  model: string
  table: string
  columns: readonly string[]
  promptDigest: string
  usesJsonSchema: boolean
  usesLogprobs: boolean
}

/** Counts requests and says which of them go wrong. */
export interface FaultSchedule {
  /** The rule that decides this request, or undefined where it is answered well. Counts the request. */
  next(subject: FaultSubject): FaultRule | undefined
}

function concerns(rule: FaultRule, subject: FaultSubject): boolean {
  if ((rule.route ?? 'chat') !== subject.route) return false
  if (rule.model !== undefined && rule.model !== subject.model) return false
  if (rule.mentions !== undefined && rule.mentions !== subject.table && !subject.columns.includes(rule.mentions))
    return false
  if (rule.minimumColumns !== undefined && subject.columns.length < rule.minimumColumns) return false
  // Real routes refuse these only where they are asked for.
  if (rule.kind === 'response-format-rejected' && !subject.usesJsonSchema) return false
  if (rule.kind === 'logprobs-rejected' && !subject.usesLogprobs) return false
  return true
}

/** A schedule for these rules, in their order, with counters at zero. */
export function faultSchedule(rules: readonly FaultRule[], seed: number): FaultSchedule {
  const counted = rules.map((rule, index) => ({
    rule,
    seen: 0,
    seenPerPrompt: new Map<string, number>(),
    random: seededRandom(rule.seed ?? seed + index),
  }))

  return {
    next(subject) {
      for (const entry of counted) {
        const { rule } = entry
        if (!concerns(rule, subject)) continue
        entry.seen++
        const seenOfPrompt = (entry.seenPerPrompt.get(subject.promptDigest) ?? 0) + 1
        if (rule.firstPerPrompt !== undefined) entry.seenPerPrompt.set(subject.promptDigest, seenOfPrompt)
        // Drawn for every request, so that the other conditions do not shift the draw.
        const drawn = rule.probability === undefined ? 0 : entry.random()
        const afterStart = entry.seen - (rule.after ?? 0)
        if (afterStart < 1) continue
        if (rule.first !== undefined && afterStart > rule.first) continue
        if (rule.firstPerPrompt !== undefined && seenOfPrompt > rule.firstPerPrompt) continue
        if (rule.every !== undefined && afterStart % rule.every !== 0) continue
        if (rule.probability !== undefined && drawn >= rule.probability) continue
        return rule
      }
      return undefined
    },
  }
}
