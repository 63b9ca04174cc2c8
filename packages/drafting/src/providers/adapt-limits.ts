import type { FailureKind } from './call-failure.ts'
import type { LearntLimits, RequestPlan } from './request-plan.ts'
import type { RouteCapabilities } from './route-capabilities.ts'

/** Learns from a failure what not to send from now on, so that it cannot come again; false when nothing can be changed. */
export function adaptLimits(
  learnt: LearntLimits,
  capabilities: RouteCapabilities,
  sent: RequestPlan,
  failure: { readonly kind: FailureKind; readonly tokenLimit: number | null },
): boolean {
  switch (failure.kind) {
    case 'ResponseFormat':
      return adaptFormat(learnt, capabilities, sent)
    case 'Temperature':
      if (sent.temperature === null) return false
      learnt.temperature = 'Refused'
      return true
    case 'Logprobs':
      if (sent.logprobs === 'Left') return false
      learnt.logprobs = 'Refused'
      return true
    case 'Reasoning':
      // Nothing was said of reasoning: there is nothing to leave out.
      if (capabilities.reasoning.control === 'Fixed' || (sent.effort === null && sent.reasons === 'No')) return false
      learnt.reasoning = 'Refused'
      return true
    case 'Thoughts':
      if (sent.thoughts === 'Left') return false
      learnt.thoughts = 'Refused'
      return true
    case 'TokenField':
      if (learnt.tokenField === sent.tokenField)
        learnt.tokenField = sent.tokenField === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens'
      return sent.tokenField === 'max_tokens'
    case 'TokenLimit':
      if (failure.tokenLimit === null || failure.tokenLimit >= sent.outputTokens) return false
      learnt.outputCap = Math.min(learnt.outputCap, failure.tokenLimit)
      return true
    case 'Parameters':
      // Nobody says which of them it is: the least missed goes first.
      if (sent.logprobs === 'Asked') learnt.logprobs = 'Refused'
      else if (sent.temperature !== null) learnt.temperature = 'Refused'
      else if (sent.effort !== null) learnt.reasoning = 'Refused'
      else return adaptFormat(learnt, capabilities, sent)
      return true
    default:
      return false
  }
}

function adaptFormat(learnt: LearntLimits, { formats }: RouteCapabilities, sent: RequestPlan): boolean {
  const position = formats.indexOf(sent.format)
  if (position < 0 || position + 1 >= formats.length) return false
  // Another call may have learnt it meanwhile: then this one only goes again.
  learnt.formatsRefused = Math.max(learnt.formatsRefused, position + 1)
  return true
}
