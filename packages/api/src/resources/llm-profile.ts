import { type Static, Type } from 'typebox'
import { providers } from '../vocabulary.ts'
import { llmProfileConditionTypes } from './conditions.ts'
import { defaults } from './defaults.ts'
import { generationSchema } from './generation.ts'
import type { AmxObject } from './object-meta.ts'
import { testStatusFields } from './profile-test-status.ts'
import { conditionsOf, decimal, duration, flag, integer, oneOf, secretKeyReference, text } from './schema-parts.ts'

const standard = defaults.llmProfile

const baseURL = text(2048, {
  description: "Address of the provider's API. Default: the provider's own.",
  pattern: '^https?://[^\\s]+$',
})

export const llmProfileSpecSchema = Type.Object(
  {
    provider: oneOf(providers, {
      description: "Whose API is spoken. BuiltIn is the program's own rule-based drafter: no key, no network, no cost.",
    }),
    model: Type.Optional(
      text(255, {
        description: 'Model name as the provider knows it. Needed for every provider but BuiltIn.',
        minLength: 1,
      }),
    ),
    baseURL: Type.Optional(baseURL),
    apiKeySecretRef: Type.Optional(
      secretKeyReference(standard.apiKeyKey, {
        description: 'Secret with the API key; mounted into the draft Job only. Default: no key is sent.',
      }),
    ),
    generation: Type.Optional(generationSchema("What a run's own generation leaves open.")),
    limits: Type.Optional(
      Type.Object(
        {
          concurrency: Type.Optional(
            integer({
              description: `Calls in flight at the same time, over all runs that use this profile. Default: ${standard.limits.concurrency}.`,
              minimum: 1,
              maximum: 1000,
            }),
          ),
          requestsPerMinute: Type.Optional(
            integer({
              description:
                'Calls per minute, tries included, over all runs that use this profile; 0 is no limit. Default: 0.',
              minimum: 0,
              maximum: 10_000_000,
            }),
          ),
          tokensPerMinute: Type.Optional(
            integer({
              description:
                'Input and output tokens per minute, over all runs that use this profile; 0 is no limit. Default: 0.',
              minimum: 0,
              maximum: 10_000_000_000,
            }),
          ),
          contextTokens: Type.Optional(
            integer({
              description:
                'Tokens of prompt and reply together that the model takes. Default: what the model is known for; for others 8,192 with Ollama, 32,768 with OpenAICompatible, 128,000 elsewhere.',
              minimum: 2048,
              maximum: 100_000_000,
            }),
          ),
          timeout: Type.Optional(
            duration({ description: `Longest one call may take. Default: ${standard.limits.timeout}.` }),
          ),
          retries: Type.Optional(
            integer({
              description: `Further tries of a call that failed for a passing cause. Default: ${standard.limits.retries}.`,
              minimum: 0,
              maximum: 20,
            }),
          ),
        },
        { description: 'How hard the provider may be used.' },
      ),
    ),
    price: Type.Optional(
      Type.Object(
        {
          inputPerMillion: decimal({ description: 'US dollars per million input tokens, as text.' }),
          cachedInputPerMillion: Type.Optional(
            decimal({
              description: 'US dollars per million input tokens that hit a prompt cache. Default: as inputPerMillion.',
            }),
          ),
          outputPerMillion: decimal({ description: 'US dollars per million output tokens, as text.' }),
        },
        { description: "Overrides the price table. Default: the price table's entry for the model." },
      ),
    ),
    embeddings: Type.Optional(
      Type.Object(
        {
          model: text(255, { description: 'Embedding model.', minLength: 1 }),
          baseURL: Type.Optional(
            text(2048, {
              description:
                "Address of a server that speaks OpenAI's embeddings API. Default: the profile's own. The API key is sent to the profile's own server only.",
              pattern: '^https?://[^\\s]+$',
            }),
          ),
        },
        {
          description:
            'Embedding model for the signal SelfConsistency. Default: the built-in embedding, offline and deterministic.',
        },
      ),
    ),
  },
  {
    description: 'Which model drafts, and how.',
    'x-kubernetes-validations': [
      {
        rule: "self.provider == 'BuiltIn' || has(self.model)",
        message: 'model is required for every provider but BuiltIn',
        reason: 'FieldValueRequired',
        fieldPath: '.model',
      },
      {
        rule: "self.provider != 'OpenAICompatible' || has(self.baseURL)",
        message: 'baseURL is required for the provider OpenAICompatible',
        reason: 'FieldValueRequired',
        fieldPath: '.baseURL',
      },
      {
        rule: "self.provider != 'BuiltIn' || !has(self.apiKeySecretRef)",
        message: 'the provider BuiltIn takes no API key',
        reason: 'FieldValueForbidden',
        fieldPath: '.apiKeySecretRef',
      },
    ],
  },
)
export type LLMProfileSpec = Static<typeof llmProfileSpecSchema>

export const llmProfileStatusSchema = Type.Object(
  {
    observedGeneration: Type.Optional(
      integer({
        description: 'Generation of the spec this status is about.',
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
      }),
    ),
    conditions: Type.Optional(conditionsOf(llmProfileConditionTypes, 1024)),
    capabilities: Type.Optional(
      Type.Object(
        {
          structuredOutput: Type.Optional(flag({ description: 'Replies can be held to a JSON schema.' })),
          logprobs: Type.Optional(flag({ description: 'Log-probabilities of tokens are returned.' })),
          reasoning: Type.Optional(flag({ description: 'The model reasons before it answers.' })),
          seed: Type.Optional(flag({ description: 'Sampling can be seeded.' })),
        },
        { description: 'What the route was found to offer.' },
      ),
    ),
    ...testStatusFields(),
  },
  { description: 'What the last test found.' },
)
export type LLMProfileStatus = Static<typeof llmProfileStatusSchema>

export type LLMProfile = AmxObject<'LLMProfile', LLMProfileSpec, LLMProfileStatus>
