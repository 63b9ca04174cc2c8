import { AmxError, type ModelSettings, type Provider } from '@amx/api'

const baseURLs: Readonly<Partial<Record<Provider, string>>> = {
  OpenAI: 'https://api.openai.com/v1',
  Anthropic: 'https://api.anthropic.com',
  DeepSeek: 'https://api.deepseek.com',
  Kimi: 'https://api.moonshot.ai/v1',
  OpenRouter: 'https://openrouter.ai/api/v1',
  // Its own default, localhost, is the pod itself: a Service of that name in the run's namespace is what a cluster has.
  Ollama: 'http://ollama:11434',
}

/** The address of a model's API without a slash at its end. Throws AMX-1001 when the provider has none of its own. */
export function baseURLOf({ provider, baseURL }: Pick<ModelSettings, 'provider' | 'baseURL'>): string {
  const address = baseURL ?? baseURLs[provider]
  if (address === undefined)
    throw new AmxError('AMX-1001', {
      field: 'spec.baseURL',
      problem: `provider ${provider} needs the address of its server`,
    })
  return address.replace(/\/+$/, '')
}
