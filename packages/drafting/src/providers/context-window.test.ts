import type { Provider } from '@amx/api'
import { expect, test } from 'vitest'
import { contextWindowTokens } from './context-window.ts'

test.each<[Provider, string, number]>([
  ['OpenAI', 'gpt-4o-mini', 128_000],
  ['OpenAI', 'gpt-4.1-nano', 1_047_576],
  ['OpenAI', 'gpt-5.4', 400_000],
  ['OpenAI', 'o3-mini', 200_000],
  ['OpenAI', 'gpt-4', 8_192],
  ['Anthropic', 'claude-sonnet-4-5', 200_000],
  ['OpenRouter', 'anthropic/claude-3.5-haiku', 200_000],
  ['OpenRouter', 'google/gemini-2.5-flash', 1_048_576],
  ['DeepSeek', 'deepseek-chat', 131_072],
  ['Kimi', 'moonshot-v1-32k', 32_768],
  ['Kimi', 'kimi-k2-0905-preview', 262_144],
  ['Ollama', 'llama3.1:8b', 131_072],
  ['Ollama', 'llama3:8b', 8_192],
  ['Ollama', 'qwen2.5:7b', 32_768],
  ['Ollama', 'gemma3:1b', 32_768],
  ['Ollama', 'gemma3:12b', 131_072],
  ['Ollama', 'our-own-model', 8_192],
  ['OpenAICompatible', 'our-own-model', 32_768],
  ['OpenAICompatible', 'meta-llama/Llama-3.3-70B-Instruct', 131_072],
  ['OpenAI', 'a-model-of-tomorrow', 128_000],
])('%s %s takes %d tokens', (provider, model, tokens) => {
  expect(contextWindowTokens({ provider, model })).toBe(tokens)
})

test('what the profile says counts before what is known', () => {
  expect(contextWindowTokens({ provider: 'OpenAI', model: 'gpt-4o', contextTokens: 16_000 })).toBe(16_000)
})
