import { type Static, Type } from 'typebox'
import { alternativesModes, confidenceSignals, promptDetails, verbosities } from '../vocabulary.ts'
import { defaults } from './defaults.ts'
import { assetPath, flag, fraction, integer, oneOf, text } from './schema-parts.ts'

const standard = defaults.generation

export const reasoningEfforts = ['None', 'Low', 'Medium', 'High'] as const
export type ReasoningEffort = (typeof reasoningEfforts)[number]

const bandsSchema = Type.Object(
  {
    high: Type.Optional(
      fraction({ description: `Lowest score of the band High, 0 to 1 as text. Default: "${standard.bands.high}".` }),
    ),
    medium: Type.Optional(
      fraction({
        description: `Lowest score of the band Medium, 0 to 1 as text. Default: "${standard.bands.medium}".`,
      }),
    ),
  },
  {
    description: 'Where the bands of confidence begin; a score below medium is Low.',
    'x-kubernetes-validations': [
      {
        rule: `double(has(self.medium) ? self.medium : '${standard.bands.medium}') <= double(has(self.high) ? self.high : '${standard.bands.high}')`,
        message: 'bands.medium must not be above bands.high',
      },
    ],
  },
)

/** `generation` of a run and of an LLMProfile: how drafts are asked for. */
export function generationSchema(description: string) {
  return Type.Object(
    {
      alternatives: Type.Optional(
        integer({
          description: `Descriptions drafted per asset, 1 to 5. Default: ${standard.alternatives}.`,
          minimum: 1,
          maximum: 5,
        }),
      ),
      alternativesMode: Type.Optional(
        oneOf(alternativesModes, {
          description: `Semantic: the same meaning in other words; Lexical: each alternative is another candidate meaning, in the terms of the evidence. Ignored when alternatives is 1. Default: ${standard.alternativesMode}.`,
        }),
      ),
      confidenceSignal: Type.Optional(
        oneOf(confidenceSignals, {
          description: `How each alternative is scored. Default: ${standard.confidenceSignal}.`,
        }),
      ),
      bands: Type.Optional(bandsSchema),
      promptDetail: Type.Optional(
        oneOf(promptDetails, {
          description: `How much evidence about each column the prompt carries. Default: ${standard.promptDetail}.`,
        }),
      ),
      verbosity: Type.Optional(
        oneOf(verbosities, { description: `How long a description may be. Default: ${standard.verbosity}.` }),
      ),
      columnBatchSize: Type.Optional(
        integer({
          description: `Columns of one table asked for in one call, 1 to 200. Default: ${standard.columnBatchSize}.`,
          minimum: 1,
          maximum: 200,
        }),
      ),
      otherColumnNames: Type.Optional(
        integer({
          description: `Names of the table's other columns shown beside a batch: -1 all, 0 none, n at most n. Default: ${standard.otherColumnNames}.`,
          minimum: -1,
          maximum: 10_000,
        }),
      ),
      temperature: Type.Optional(
        text(12, {
          description: `Sampling temperature, 0 to 2 as text; not sent to reasoning models. Default: "${standard.temperature}".`,
          pattern: '^([01](\\.[0-9]{1,6})?|2(\\.0{1,6})?)$',
        }),
      ),
      maxOutputTokens: Type.Optional(
        integer({
          description: `Most tokens one reply may have. Default: ${standard.maxOutputTokens}.`,
          minimum: 64,
          maximum: 1_000_000,
        }),
      ),
      reasoning: Type.Optional(
        Type.Object(
          {
            effort: Type.Optional(
              oneOf(reasoningEfforts, {
                description: `Effort of a reasoning model. Default: ${standard.reasoning.effort}.`,
              }),
            ),
            budgetTokens: Type.Optional(
              integer({
                description: `Thinking tokens where the model takes a budget. Default: ${standard.reasoning.budgetTokens}.`,
                minimum: 0,
                maximum: 1_000_000,
              }),
            ),
          },
          { description: 'For models that reason before they answer; ignored by others.' },
        ),
      ),
      style: Type.Optional(
        Type.Object(
          {
            like: assetPath({ description: 'A documented table whose comments show the tone and the form to match.' }),
          },
          { description: 'Match the style of a documented reference table. Default: none.' },
        ),
      ),
      instructions: Type.Optional(
        text(4000, {
          description: 'What the drafter must know or do besides, at most 4,000 characters. Default: nothing.',
        }),
      ),
      deduplicate: Type.Optional(
        flag({
          description: `Draft one of each class of equal columns and copy it to the rest. Default: ${standard.deduplicate}.`,
        }),
      ),
      batchAPI: Type.Optional(
        flag({
          description: `Use the provider's asynchronous API at its lower price. Default: ${standard.batchAPI}.`,
        }),
      ),
    },
    { description },
  )
}

export type GenerationSpec = Static<ReturnType<typeof generationSchema>>
