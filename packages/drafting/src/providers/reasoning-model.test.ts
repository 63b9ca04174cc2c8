import { expect, test } from 'vitest'
import { isReasoningModel } from './reasoning-model.ts'

test.each(['o1', 'o3-mini', 'o4-mini-2025-04-16', 'gpt-5', 'gpt-5-nano', 'gpt-5.2', 'openai/gpt-5-mini'])(
  '%s reasons',
  (model) => {
    expect(isReasoningModel(model)).toBe(true)
  },
)

test.each(['gpt-4o', 'gpt-4.1-mini', 'gpt-5-chat-latest', 'llama-3.3-70b', 'olmo-2', 'qwen3'])(
  '%s does not',
  (model) => {
    expect(isReasoningModel(model)).toBe(false)
  },
)
