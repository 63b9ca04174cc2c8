import type { RouteMemory } from '@amx/api'
import type { ModelReply } from './model-reply.ts'
import { type LearntLimits, nothingLearnt, type RequestPlan } from './request-plan.ts'
import type { RouteCapabilities } from './route-capabilities.ts'

export type Seen = RouteMemory['seen']

export const nothingSeen: Seen = { structuredOutput: null, logprobs: null, reasoning: null }

const refusable = ['temperature', 'logprobs', 'reasoning', 'thoughts'] as const

/** What a process starts with: what an earlier one learnt, as far as it fits the route. */
export function rememberedLimits(memory: RouteMemory | null, capabilities: RouteCapabilities): LearntLimits {
  const learnt = nothingLearnt(capabilities)
  if (memory === null) return learnt
  learnt.formatsRefused = Math.min(memory.formatsRefused, capabilities.formats.length - 1)
  for (const setting of memory.refused) learnt[setting] = 'Refused'
  learnt.tokenField = memory.tokenField
  learnt.outputCap = memory.outputCap ?? Number.POSITIVE_INFINITY
  return learnt
}

/** What is worth keeping of a process: its limits and what replies were seen to have. */
export function memoryOf(learnt: LearntLimits, seen: Seen): RouteMemory {
  return {
    formatsRefused: learnt.formatsRefused,
    refused: refusable.filter((setting) => learnt[setting] === 'Refused'),
    tokenField: learnt.tokenField,
    outputCap: Number.isFinite(learnt.outputCap) ? learnt.outputCap : null,
    seen,
  }
}

/** What a reply shows of the route: only what was asked for can be missing. */
export function seenIn(reply: ModelReply, plan: RequestPlan, before: Seen): Seen {
  if (reply.finishReason !== 'stop') return before
  const reasoned = reply.reasoning !== null || (reply.usage?.reasoningTokens ?? 0) > 0
  return {
    structuredOutput: plan.format === 'json_schema',
    logprobs: plan.logprobs === 'Asked' ? reply.logprobs !== null : before.logprobs,
    reasoning: reasoned || plan.reasons === 'Yes' ? reasoned : before.reasoning,
  }
}
