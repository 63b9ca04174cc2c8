import type { Provider } from '@amx/api'
import { describe, expect, test } from 'vitest'
import { claudeVersion } from './claude-version.ts'
import { routeCapabilities } from './route-capabilities.ts'

describe('the capability table', () => {
  // provider, model: first format, temperature, log-probabilities, reasoning and whether it can be left out
  test.each<readonly [Provider, string, string, string, string, string]>([
    ['OpenAI', 'gpt-4.1', 'json_schema', 'Always', 'Always', 'None'],
    ['OpenAI', 'gpt-5-mini', 'json_schema', 'Never', 'Never', 'Effort, always'],
    ['OpenAI', 'gpt-5.1', 'json_schema', 'Never', 'Never', 'Effort'],
    ['OpenAI', 'o3-mini', 'json_schema', 'Never', 'Never', 'Effort, always'],
    ['OpenAICompatible', 'my-model', 'json_schema', 'Always', 'Always', 'None'],
    ['Anthropic', 'claude-3-5-haiku-20241022', 'tool', 'WithoutReasoning', 'Never', 'None'],
    ['Anthropic', 'claude-3-7-sonnet-latest', 'tool', 'WithoutReasoning', 'Never', 'Budget'],
    ['Anthropic', 'claude-opus-4-1-20250805', 'tool', 'WithoutReasoning', 'Never', 'Budget'],
    ['Anthropic', 'claude-haiku-4-5-20251001', 'json_schema', 'WithoutReasoning', 'Never', 'Budget'],
    ['Anthropic', 'claude-sonnet-4-6', 'json_schema', 'WithoutReasoning', 'Never', 'Adaptive'],
    ['Anthropic', 'claude-opus-4-7', 'json_schema', 'Never', 'Never', 'Adaptive'],
    ['Anthropic', 'claude-sonnet-5-5', 'json_schema', 'Never', 'Never', 'Adaptive'],
    ['Anthropic', 'claude-opus-5-5', 'json_schema', 'Never', 'Never', 'Adaptive, always'],
    ['Anthropic', 'claude-fable-5', 'json_schema', 'Never', 'Never', 'Adaptive, always'],
    ['Anthropic', 'a-name-of-tomorrow', 'json_schema', 'Never', 'Never', 'Adaptive'],
    ['DeepSeek', 'deepseek-chat', 'json_object', 'Always', 'Always', 'None'],
    ['DeepSeek', 'deepseek-reasoner', 'json_object', 'Never', 'Never', 'Fixed, always'],
    ['DeepSeek', 'deepseek-v4-pro', 'json_object', 'WithoutReasoning', 'WithoutReasoning', 'Effort'],
    ['Kimi', 'moonshot-v1-8k', 'json_object', 'Always', 'Never', 'None'],
    ['Kimi', 'kimi-k2-0905-preview', 'json_object', 'Always', 'Never', 'None'],
    ['Kimi', 'kimi-k2-thinking', 'json_object', 'Never', 'Never', 'Fixed, always'],
    ['Kimi', 'kimi-k2.5', 'json_object', 'Never', 'Never', 'Toggle'],
    ['Kimi', 'kimi-k2.7-code', 'json_object', 'Never', 'Never', 'Fixed, always'],
    ['Kimi', 'kimi-k3.1-pro', 'json_object', 'Never', 'Never', 'Effort, always'],
    ['OpenRouter', 'openai/gpt-4o-mini', 'json_schema', 'Always', 'Always', 'None'],
    ['OpenRouter', 'openai/gpt-5', 'json_schema', 'Never', 'Never', 'Effort, always'],
    ['OpenRouter', 'anthropic/claude-opus-4.7', 'json_schema', 'Never', 'Never', 'Effort'],
    ['OpenRouter', 'deepseek/deepseek-r1:free', 'json_schema', 'WithoutReasoning', 'WithoutReasoning', 'Effort'],
    ['OpenRouter', 'google/gemini-2.5-flash', 'json_schema', 'Always', 'Never', 'Effort'],
    ['OpenRouter', 'mistralai/mistral-small', 'json_schema', 'Always', 'Always', 'None'],
    ['Ollama', 'llama3.2', 'json_schema', 'Always', 'Always', 'None'],
    ['Ollama', 'qwen3:8b', 'json_schema', 'Always', 'Always', 'Toggle'],
    ['Ollama', 'qwen3-coder:30b', 'json_schema', 'Always', 'Always', 'None'],
    ['Ollama', 'gpt-oss:20b', 'json_schema', 'Always', 'Always', 'Effort, always'],
  ])('%s %s', (provider, model, format, temperature, logprobs, reasoning) => {
    const found = routeCapabilities({ provider, model })
    expect(found.formats[0]).toBe(format)
    expect(found.formats.at(-1)).toBe('text')
    expect([found.temperature, found.logprobs]).toEqual([temperature, logprobs])
    const { control, off } = found.reasoning
    expect(`${control}${off === 'Impossible' ? ', always' : ''}`).toBe(reasoning)
  })
})

test.each([
  ['claude-3-haiku-20240307', 'haiku', 3],
  ['claude-3-5-sonnet-latest', 'sonnet', 3.5],
  ['claude-sonnet-4-20250514', 'sonnet', 4],
  ['claude-opus-4-1-20250805', 'opus', 4.1],
  ['claude-opus-5', 'opus', 5],
  ['claude-haiku-5-5', 'haiku', 5.5],
  ['claude-3.7-sonnet', 'sonnet', 3.7],
  ['Claude-Sonnet-4.5', 'sonnet', 4.5],
  ['claude-sonnet-4@20250514', 'sonnet', 4],
])('%s is %s %d', (model, family, number) => {
  expect(claudeVersion(model)).toEqual({ family, number })
})

test('a name without a version tells none', () => {
  expect(claudeVersion('claude-instant')).toBeNull()
})
