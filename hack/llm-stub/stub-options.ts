import { Type } from 'typebox'
import { Value } from 'typebox/value'

/** Everything that can go wrong with a model's reply, by name. */
export const faultKinds = [
  // refused over HTTP, at once
  'rate-limit',
  'server-error',
  'unavailable',
  'unauthorized',
  'insufficient-quota',
  'model-not-found',
  'response-format-rejected',
  'logprobs-rejected',
  'context-length-exceeded',
  // the connection
  'reset-before',
  'reset-midway',
  'hang',
  'hang-midway',
  'slow-stream',
  // the text
  'truncated',
  'empty-for-length',
  'empty-content',
  'malformed-json',
  'prose',
  'labelled-text',
  'fenced-json',
  'refusal',
  'content-filter',
  // the answer inside the text
  'missing-columns',
  'unknown-columns',
  'too-few-alternatives',
  'duplicates',
  // the numbers
  'wrong-usage',
  'missing-usage',
] as const

const faultKindSchema = Type.Enum([...faultKinds])

/** One of {@link faultKinds}. */
export type FaultKind = Type.Static<typeof faultKindSchema>

const count = Type.Integer({ minimum: 0 })
const milliseconds = Type.Number({ minimum: 0 })

/** A fault and when it happens: every condition given must hold; a rule without conditions always holds. */
const faultRuleSchema = Type.Object(
  {
    kind: faultKindSchema,
    /** The route it is for. @default 'chat' */
    route: Type.Optional(Type.Enum(['chat', 'embeddings'])),
    /** Only requests that ask for this column, or whose table it is. */
    mentions: Type.Optional(Type.String()),
    /** Only requests that ask for at least this many columns. */
    minimumColumns: Type.Optional(count),
    /** Only for this model. */
    model: Type.Optional(Type.String()),
    /** The first n requests that the conditions above let through. */
    first: Type.Optional(count),
    /** The first n requests with the very same prompt. */
    firstPerPrompt: Type.Optional(count),
    /** Not before n requests went by. */
    after: Type.Optional(count),
    /** Every nth request. */
    every: Type.Optional(Type.Integer({ minimum: 1 })),
    /** A share of requests between 0 and 1, drawn with `seed`. */
    probability: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    seed: Type.Optional(Type.Integer()),
    /** `rate-limit`, `unavailable`, `server-error`: the Retry-After header, in seconds; without it there is none. */
    retryAfterSeconds: Type.Optional(Type.Number({ minimum: 0 })),
    /** Another HTTP status than the usual one, such as 502 for `server-error` or 429 for `insufficient-quota`. */
    status: Type.Optional(Type.Integer({ minimum: 400, maximum: 599 })),
    /** `missing-columns`: how many are left out (@default 1); `too-few-alternatives`: how many are given (@default 1). */
    count: Type.Optional(count),
    /** `slow-stream`: the pause before each piece of the reply. @default 200 */
    pieceDelayMs: Type.Optional(milliseconds),
    /** Text of the refusal or of the error. */
    message: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)

/** A fault and its schedule. */
export type FaultRule = Type.Static<typeof faultRuleSchema>

const latencySchema = Type.Union([
  milliseconds,
  Type.Object({ minimumMs: milliseconds, maximumMs: milliseconds }, { additionalProperties: false }),
])

const tokensSchema = Type.Object(
  {
    input: Type.Optional(count),
    output: Type.Optional(count),
    cached: Type.Optional(count),
    reasoning: Type.Optional(count),
  },
  { additionalProperties: false },
)

const settingsProperties = {
  /** Time from request to the first byte of an answer; a range is drawn evenly, with `seed`. */
  latencyMs: latencySchema,
  /** Pause between the pieces of a streamed answer. */
  pieceDelayMs: milliseconds,
  /** Fixed token counts; what is not given is counted from the text, four characters a token. */
  tokens: tokensSchema,
  /** Reasoning text of the answer, as some routes give it in `reasoning_content`; empty for none. */
  reasoningText: Type.String(),
  /** Models the stub knows; empty means it answers for any name. */
  models: Type.Array(Type.String()),
  /** The key it asks for; empty means it takes any, or none. */
  apiKey: Type.String(),
  /** More requests than this at once are answered with 429. 0: no limit. */
  maximumConcurrency: count,
  /** Alike: alternatives say the same in other words; Different: they disagree; Mixed: three columns in four agree. */
  alternatives: Type.Enum(['Alike', 'Different', 'Mixed']),
  /** Answer to a chat request that asks for no asset; empty means such a request is refused with 400. */
  plainAnswer: Type.String(),
  /** Time from the creation of a batch until its first request is answered. */
  batchMs: milliseconds,
  /** Requests at the end of every batch that it expires without answering. */
  batchUnanswered: count,
  /** Kept: the log has each request's body too. */
  requests: Type.Enum(['Digest', 'Kept']),
  /** Tried in this order; the first rule that holds decides. */
  faults: Type.Array(faultRuleSchema),
  /** Seed of everything that is drawn. */
  seed: Type.Integer(),
} as const

const settingsSchema = Type.Object(settingsProperties, { additionalProperties: false })
const partialSettingsSchema = Type.Partial(settingsSchema, { additionalProperties: false })

/** The stub's behaviour, complete. */
export type StubSettings = Type.Static<typeof settingsSchema>

/** The stub's behaviour, as far as it differs from {@link defaultSettings}. */
export type PartialStubSettings = Type.Static<typeof partialSettingsSchema>

/** An answer at once, for any model and key, without a fault. */
export const defaultSettings: StubSettings = {
  latencyMs: 0,
  pieceDelayMs: 0,
  tokens: {},
  reasoningText: '',
  models: [],
  apiKey: '',
  maximumConcurrency: 0,
  alternatives: 'Mixed',
  plainAnswer: '',
  batchMs: 0,
  batchUnanswered: 0,
  requests: 'Digest',
  faults: [],
  seed: 1,
}

/** The settings with the given ones replaced; throws a RangeError that names a key or value it does not know. */
export function withSettings(settings: StubSettings, change: unknown): StubSettings {
  if (!Value.Check(partialSettingsSchema, change)) {
    const [first] = Value.Errors(partialSettingsSchema, change)
    const fault = first?.message === 'schema is false' ? 'is not a setting' : (first?.message ?? 'is not an object')
    throw new RangeError(`model stub settings: ${first?.instancePath || '/'} ${fault}`)
  }
  return { ...settings, ...change }
}
