import { type Static, Type } from 'typebox'
import { runPhases, stages } from '../vocabulary.ts'
import { runConditionTypes } from './conditions.ts'
import { conditionsOf, integer, lastErrorSchema, list, oneOf, text, time } from './schema-parts.ts'

/** Longest texts of a run's status, in characters, so that all of it stays below 8 KiB. See {@link fitRunStatus}. */
export const runStatusLimits = { conditionMessage: 280, errorMessage: 340, errorRemedy: 260, jobs: 10 } as const

const count = (description: string) => integer({ description, minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

export const metadataRunStatusSchema = Type.Object(
  {
    observedGeneration: Type.Optional(count('Generation of the spec this status is about.')),
    phase: Type.Optional(oneOf(runPhases, { description: 'Where the run stands, in a word.' })),
    conditions: Type.Optional(conditionsOf(runConditionTypes, runStatusLimits.conditionMessage)),
    progress: Type.Optional(text(32, { description: 'Tables settled of tables in scope, such as 31/47.' })),
    columns: Type.Optional(
      Type.Object(
        {
          planned: count('Columns in scope.'),
          profiled: count('Columns profiled.'),
          drafted: count('Columns drafted.'),
          skipped: count('Columns left out, with a reason each in the results.'),
          failed: count('Columns that could not be drafted.'),
        },
        { description: 'Columns, counted.' },
      ),
    ),
    deduplicated: Type.Optional(
      Type.Object(
        {
          columns: count('Columns whose text was copied from an equal column.'),
          calls: count('Calls that were not made for them.'),
        },
        { description: 'What drafting one of each class of equal columns saved; absent unless it was asked for.' },
      ),
    ),
    confidence: Type.Optional(
      Type.Object(
        {
          high: count('Rows of the band High.'),
          medium: count('Rows of the band Medium.'),
          low: count('Rows of the band Low.'),
          none: Type.Optional(count('Rows without a score.')),
          mean: Type.Optional(text(12, { description: 'Mean score, 0 to 1 as text; absent when no row has one.' })),
          histogram: Type.Optional(
            list(count('Rows whose score is in this tenth.'), {
              description:
                'Rows by score in ten equal steps, 0 to 0.1 first; a score of 1 is in the last. Absent when no row has one.',
              minItems: 10,
              maxItems: 10,
            }),
          ),
        },
        { description: 'How far the drafts can be trusted.' },
      ),
    ),
    review: Type.Optional(
      Type.Object(
        {
          unreviewed: count('Rows nobody decided yet.'),
          accepted: count('Rows accepted.'),
          skipped: count('Rows skipped; they can be decided later.'),
          rejected: Type.Optional(count('Rows rejected.')),
          queued: count('Accepted rows that wait to be written.'),
        },
        { description: 'What was decided.' },
      ),
    ),
    apply: Type.Optional(
      Type.Object(
        {
          applied: count('Rows written, or there already.'),
          failed: count('Rows whose write failed; they stay queued.'),
          refused: count('Rows not written because the comment changed meanwhile.'),
          unsupported: count('Rows the backend has no comment for.'),
        },
        { description: 'What was written.' },
      ),
    ),
    cost: Type.Optional(
      Type.Object(
        {
          amount: Type.Optional(text(24, { description: 'Cost as decimal text; absent when no call was priced.' })),
          currency: text(3, { description: 'Currency of amount: USD.' }),
          inputTokens: count('Input tokens.'),
          cachedInputTokens: count('Input tokens that hit a prompt cache.'),
          outputTokens: count('Output tokens.'),
          reasoningTokens: count('Output tokens spent on reasoning.'),
          calls: count('Calls made to the model.'),
          unknownCalls: count('Calls that were begun and whose outcome nobody knows.'),
          unpricedCalls: Type.Optional(
            count('Calls whose cost is not known: the model has no known price, or the reply no token counts.'),
          ),
          cachedReplies: Type.Optional(count('Calls saved by a stored reply to the same question.')),
          priceTable: Type.Optional(text(64, { description: 'Date of the price table used.' })),
        },
        { description: 'What the drafts cost.' },
      ),
    ),
    draft: Type.Optional(
      Type.Object(
        {
          digest: text(80, { description: 'Digest of all drafts: what a ReviewDecision must name.' }),
          rows: count('Rows drafted.'),
        },
        { description: 'The drafts as they were settled.' },
      ),
    ),
    settings: Type.Optional(
      Type.Object(
        {
          digest: text(80, { description: 'Digest of the settings document in the store.' }),
          model: Type.Optional(text(255, { description: 'Model that drafts.' })),
          promptVersion: text(32, { description: 'Version of the prompt templates.' }),
          operatorVersion: text(32, { description: 'Version of the operator that froze the settings.' }),
        },
        { description: 'Profiles, defaults and overrides as they were resolved when the run began.' },
      ),
    ),
    jobs: Type.Optional(
      list(
        Type.Object(
          {
            stage: oneOf(stages, { description: 'Stage the Job works on.' }),
            name: text(63, { description: 'Name of the Job.' }),
            attempt: integer({ description: 'Which attempt at the stage, from 1.', minimum: 1, maximum: 10_000 }),
            state: oneOf(['Pending', 'Running', 'Succeeded', 'Failed', 'Stopped'] as const, {
              description: 'How the Job stands.',
            }),
          },
          { description: 'A Job of this run.' },
        ),
        { description: 'The newest Jobs of this run, at most 10.', maxItems: runStatusLimits.jobs },
      ),
    ),
    lastError: Type.Optional(lastErrorSchema()),
    startTime: Type.Optional(time({ description: 'When the settings were frozen and work began.' })),
    completionTime: Type.Optional(time({ description: 'When the run ended.' })),
    duration: Type.Optional(
      text(32, { description: 'Active time, such as 2m13s; written when the run ends or waits.' }),
    ),
  },
  { description: 'How the run stands: a summary; the rows are in the store.' },
)
export type MetadataRunStatus = Static<typeof metadataRunStatusSchema>

/** A status whose texts are cut to {@link runStatusLimits}, which the API server enforces; the rest is as it was. */
export function fitRunStatus(status: MetadataRunStatus): MetadataRunStatus {
  const { conditions, lastError, jobs } = status
  return {
    ...status,
    ...(conditions && {
      conditions: conditions.map((condition) => ({
        ...condition,
        message: shorten(condition.message, runStatusLimits.conditionMessage),
      })),
    }),
    ...(lastError && {
      lastError: {
        ...lastError,
        message: shorten(lastError.message, runStatusLimits.errorMessage),
        remedy: shorten(lastError.remedy, runStatusLimits.errorRemedy),
      },
    }),
    ...(jobs && { jobs: jobs.slice(-runStatusLimits.jobs) }),
  }
}

/** Text of at most `limit` bytes of UTF-8; what is cut off is marked by an ellipsis. */
export function shorten(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text
  let kept = ''
  let bytes = 3
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > limit) break
    kept += character
  }
  return `${kept}…`
}
