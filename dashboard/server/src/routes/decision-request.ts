import { confidenceBands, draftSources, literals, reviewStates, verdicts } from '@amx/api'
import { Type } from 'typebox'

/** Body of `POST …/decisions`: a ReviewDecision without what the server knows by itself (the run's uid, the reviewer). */
export const decisionRequestSchema = Type.Object(
  {
    run: Type.String({ minLength: 1 }),
    draftDigest: Type.String({ minLength: 1 }),
    items: Type.Optional(
      Type.Array(
        Type.Object(
          {
            asset: Type.String({ minLength: 1 }),
            target: Type.Optional(Type.String({ minLength: 1, maxLength: 509 })),
            verdict: literals(verdicts),
            alternative: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
            text: Type.Optional(Type.String({ minLength: 1, maxLength: 16_384 })),
            revision: Type.Optional(Type.Integer({ minimum: 0 })),
          },
          { additionalProperties: false },
        ),
        { minItems: 1, maxItems: 500 },
      ),
    ),
    filter: Type.Optional(
      Type.Object(
        {
          verdict: literals(verdicts),
          minimumConfidence: Type.Optional(literals(confidenceBands)),
          maximumConfidence: Type.Optional(literals(confidenceBands)),
          tables: Type.Optional(Type.Array(Type.String())),
          kinds: Type.Optional(Type.Array(Type.String())),
          states: Type.Optional(Type.Array(literals(reviewStates))),
          sources: Type.Optional(Type.Array(literals(draftSources))),
          columnName: Type.Optional(Type.String({ minLength: 1 })),
          dataType: Type.Optional(Type.String({ minLength: 1 })),
          text: Type.Optional(Type.String({ minLength: 1, maxLength: 16_384 })),
        },
        { additionalProperties: false },
      ),
    ),
    apply: Type.Optional(Type.Boolean()),
    comment: Type.Optional(Type.String({ maxLength: 4_096 })),
  },
  { additionalProperties: false },
)
