import type { ModelSettings } from '@amx/api'
import { claudeVersion } from './claude-version.ts'

/** Tokens of prompt and reply together, by what a model's name begins with; the first that fits counts. */
const windows: readonly (readonly [RegExp, number])[] = [
  [/^gpt-(?:4\.1)/, 1_047_576],
  [/^gpt-(?:5|[6-9])/, 400_000],
  [/^gpt-4o|^chatgpt-4o|^gpt-4-turbo/, 128_000],
  [/^gpt-4-32k/, 32_768],
  [/^gpt-4(?!\.)/, 8_192],
  [/^gpt-3\.5/, 16_385],
  [/^gpt-oss/, 131_072],
  [/^o1-(?:mini|preview)/, 128_000],
  [/^o[1-9]/, 200_000],
  [/^moonshot-v1-8k/, 8_192],
  [/^moonshot-v1-32k/, 32_768],
  [/^moonshot-v1-128k/, 131_072],
  [/^kimi-/, 262_144],
  [/^deepseek-r1-distill|^deepseek-r1/, 131_072],
  [/^deepseek/, 131_072],
  [/^gemini-/, 1_048_576],
  [/^llama-?3\.[1-9]|^llama-?4/, 131_072],
  [/^llama-?3/, 8_192],
  [/^qwen-?2\.5/, 32_768],
  [/^qwen-?3-?coder/, 262_144],
  [/^qwen-?3/, 40_960],
  [/^qwq/, 40_960],
  [/^gemma-?3(?!.*(?:^|[:-])(?:270m|1b))/, 131_072],
  [/^gemma-?3/, 32_768],
  [/^gemma/, 8_192],
  [/^mistral-nemo|^mistral-large|^mistral-small3|^magistral/, 131_072],
  [/^mistral|^mixtral/, 32_768],
  [/^phi-?4-mini|^phi-?3/, 131_072],
  [/^phi-?4/, 16_384],
]

/** A hosted model whose window nobody told. */
const hostedWindow = 128_000
/** A server of one's own: what is too long for it is refused, and the batch split. */
const ownServerWindow = 32_768
/** Ollama cuts a prompt that is too long at its beginning, and nobody is told. */
const ollamaWindow = 8_192

/** Tokens that prompt and reply may have together: what the profile says, else what the model is known for, else a careful guess. */
export function contextWindowTokens({
  provider,
  model,
  contextTokens,
}: Pick<ModelSettings, 'provider' | 'model' | 'contextTokens'>): number {
  if (contextTokens !== undefined) return contextTokens
  const name = model.toLowerCase().split('/').at(-1) ?? ''
  const claude = claudeVersion(name)
  if (claude !== null) return claude.number >= 2.1 ? 200_000 : 100_000
  const known = windows.find(([pattern]) => pattern.test(name))
  if (known !== undefined) return known[1]
  if (provider === 'Ollama') return ollamaWindow
  return provider === 'OpenAICompatible' ? ownServerWindow : hostedWindow
}
