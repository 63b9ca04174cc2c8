import { expect, test } from 'vitest'
import { generationSettings } from '../testing/table-profile-fixture.ts'
import { adaptLimits } from './adapt-limits.ts'
import type { FailureKind } from './call-failure.ts'
import { nothingLearnt, planRequest } from './request-plan.ts'
import { routeCapabilities } from './route-capabilities.ts'

const question = {
  purpose: 'draft',
  messages: [],
  schema: {},
  outputTokens: 4_096,
  generation: generationSettings({ confidenceSignal: 'Logprob' }),
} as const

/** What is sent after each refusal of that kind, until nothing more can be changed. */
function sentAfter(kind: FailureKind, provider: 'OpenRouter' | 'OpenAICompatible' | 'DeepSeek', model: string) {
  const capabilities = routeCapabilities({ provider, model })
  const learnt = nothingLearnt(capabilities)
  const sent: string[] = []
  for (let turn = 0; turn < 20; turn += 1) {
    const plan = planRequest(question, question.outputTokens, capabilities, learnt, model)
    const { format, temperature, logprobs, effort, tokenField, outputTokens } = plan
    sent.push([format, temperature, logprobs, effort, tokenField, outputTokens].join(' '))
    if (!adaptLimits(learnt, capabilities, plan, { kind, tokenLimit: 1_000 })) return sent
  }
  throw new Error('a refusal can be adapted to for ever')
}

test.each([
  ['ResponseFormat', 4],
  ['Temperature', 2],
  ['Logprobs', 2],
  ['Reasoning', 1],
  ['TokenField', 2],
  ['TokenLimit', 2],
  ['Parameters', 6],
  ['Thoughts', 1],
  ['Final', 1],
] as const)('refusals of kind %s end after %d requests, each another', (kind, requests) => {
  const sent = sentAfter(kind, 'OpenAICompatible', 'local')
  expect(sent).toHaveLength(requests)
  expect(new Set(sent).size).toBe(requests)
})

test('of parameters nobody takes together, the least missed goes first', () => {
  expect(sentAfter('Parameters', 'OpenRouter', 'google/gemini-2.5-flash')).toEqual([
    'json_schema 0.2 Left low max_tokens 4096',
    'json_schema  Left low max_tokens 4096',
    'json_schema  Left  max_tokens 4096',
    'json_object  Left  max_tokens 4096',
    'tool  Left  max_tokens 4096',
    'text  Left  max_tokens 4096',
  ])
})
