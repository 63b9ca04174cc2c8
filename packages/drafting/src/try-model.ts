import {
  AmxError,
  type GenerationSettings,
  type ModelFinding,
  type ModelSettings,
  type Provider,
  type RouteMemory,
} from '@amx/api'
import { createModelRoute } from './create-model-route.ts'
import type { CallLedger } from './drafting.ts'
import { createEmbedder } from './embedding/create-embedder.ts'
import type { ModelQuestion } from './model-route.ts'
import { nothingSeen, type Seen } from './providers/learnt-memory.ts'
import { isReasoningModel } from './providers/reasoning-model.ts'

// Whoever asks for a test waits for it.
const longestWaitMs = 30_000
const retries = 1

// Logprob, so that token probabilities are asked for and their absence shows.
const generation: GenerationSettings = {
  alternatives: 1,
  alternativesMode: 'Semantic',
  confidenceSignal: 'Logprob',
  bands: { high: 0.75, medium: 0.5 },
  promptDetail: 'Minimal',
  verbosity: 'Brief',
  columnBatchSize: 1,
  otherColumnNames: 0,
  temperature: 0,
  maxOutputTokens: 64,
  reasoning: { effort: 'Low', budgetTokens: 1_024 },
  instructions: '',
}

const question: ModelQuestion = {
  purpose: 'test',
  messages: [
    {
      role: 'system',
      content: 'This is a connection test. Answer with the JSON object {"ok": true} and nothing else.',
    },
    { role: 'user', content: 'Are you there?' },
  ],
  schema: {
    type: 'object',
    properties: { ok: { type: 'boolean' } },
    required: ['ok'],
    additionalProperties: false,
  },
  outputTokens: 64,
  generation,
}

/**
 * Asks a model one tiny question, and its embedding model where it names one, and gives what its server was found to offer.
 * Throws what a draft would (AMX-3xxx, AMX-1001, AMX-1002), AMX-1098 when only the embeddings fail.
 */
export async function tryModel(
  { model, apiKey }: { readonly model: ModelSettings; readonly apiKey?: string },
  ledger: CallLedger,
  signal: AbortSignal,
): Promise<ModelFinding> {
  const { limits } = model
  const timeoutMs = Math.min(limits.timeoutMs, longestWaitMs)
  const hurried = { ...model, limits: { ...limits, timeoutMs, retries: Math.min(limits.retries, retries) } }
  let seen: Seen = nothingSeen
  const learning = {
    memory: null,
    onLearnt: (memory: RouteMemory) => {
      seen = memory.seen
    },
  }
  const route = createModelRoute(hurried, apiKey, { learning })
  try {
    const answer = await route.ask(question, ledger, signal)
    await testEmbeddings(hurried, apiKey, ledger, signal)
    const seed = takesSeed(model)
    // A reply that was cut or refused proves the key and the model, and nothing else.
    const shown = answer.kind === 'Text' ? shownBy(answer.text, seen) : {}
    return { part: 'Model', capabilities: { ...shown, ...(seed !== null && { seed }) } }
  } finally {
    await route.close()
  }
}

async function testEmbeddings(
  model: ModelSettings,
  apiKey: string | undefined,
  ledger: CallLedger,
  signal: AbortSignal,
): Promise<void> {
  const embedder = createEmbedder(model, apiKey)
  if (embedder === null) return
  try {
    const { failure } = { failure: undefined, ...(await embedder.embed(['ok'], ledger, signal)) }
    if (failure !== undefined) throw new AmxError('AMX-1098', { model: model.embeddings?.model ?? '', detail: failure })
  } finally {
    await embedder.close()
  }
}

/** What was asked for and is not seen was refused, or the route does not have it. */
function shownBy(text: string, seen: Seen): ModelFinding['capabilities'] {
  return {
    // Servers that say they hold replies to a schema and do not are found out by their reply.
    structuredOutput: seen.structuredOutput === true && isAsAsked(text),
    logprobs: seen.logprobs ?? false,
    reasoning: seen.reasoning ?? false,
  }
}

function isAsAsked(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && 'ok' in parsed
  } catch {
    return false
  }
}

/** By the documentation of the provider; null where it depends on the server behind the address. */
function takesSeed({ provider, model }: ModelSettings): boolean | null {
  const byProvider: Readonly<Partial<Record<Provider, boolean>>> = {
    OpenAI: !isReasoningModel(model),
    Ollama: true,
    Anthropic: false,
    DeepSeek: false,
    Kimi: false,
  }
  return byProvider[provider] ?? null
}
