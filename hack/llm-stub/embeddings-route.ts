import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { rateLimited, refusal, refusalOfRule, unknownModel } from './refusals.ts'
import { estimatedTokens } from './reply-tokens.ts'
import { cut, hang, sendJson, sendRefusal } from './reply-writer.ts'
import { textHash } from './seeded-random.ts'
import type { StubState } from './stub-state.ts'

const embeddingsRequestSchema = Type.Object({
  model: Type.String({ minLength: 1 }),
  input: Type.Union([
    Type.String({ minLength: 1 }),
    Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 2048 }),
  ]),
  encoding_format: Type.Optional(Type.Enum(['float', 'base64'])),
  dimensions: Type.Optional(Type.Integer({ minimum: 1, maximum: 4096 })),
})

/** A unit vector that depends on the words of the text alone: texts with the same words are close. */
export function stubVector(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0)
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]) {
    const place = textHash(word) % dimensions
    vector[place] = (vector[place] ?? 0) + 1
  }
  const length = Math.hypot(...vector) || 1
  return vector.map((value) => value / length)
}

/** Answers one `POST /v1/embeddings` and logs it. */
export async function answerEmbeddings(
  state: StubState,
  body: unknown,
  key: string,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { settings, log, schedule } = state
  if (!Value.Check(embeddingsRequestSchema, body)) {
    const message = "Invalid value for 'input': a text or a list of texts, none of them empty, and a model are needed."
    return sendRefusal(response, refusal(400, 'invalid_request_error', null, message, 'input'))
  }
  const { model } = body
  const inputs = typeof body.input === 'string' ? [body.input] : body.input
  const digest = createHash('sha256')
    .update(JSON.stringify([model, inputs]))
    .digest('hex')
  const call = log.begin({
    route: 'embeddings',
    model,
    promptDigest: digest,
    table: '',
    columns: [],
    alternatives: 0,
    wantTable: false,
    mode: 'text',
    stream: 'no',
    keyEnding: key.slice(-4),
  })
  response.setHeader('x-request-id', `req_${call.id}`)
  const subject = {
    route: 'embeddings',
    model,
    table: '',
    columns: [],
    promptDigest: digest,
    usesJsonSchema: false,
    usesLogprobs: false,
  } as const
  const rule = schedule.next(subject)
  const unknown = settings.models.length > 0 && !settings.models.includes(model) ? unknownModel(model) : undefined
  const crowded =
    settings.maximumConcurrency > 0 && log.inFlight() > settings.maximumConcurrency ? rateLimited(model) : undefined
  const refused = unknown ?? crowded ?? (rule === undefined ? undefined : refusalOfRule(rule, model))
  if (refused !== undefined) {
    sendRefusal(response, refused)
    call.status = refused.status
    log.end(call, rule?.kind ?? 'refused')
    return
  }
  try {
    if (rule?.kind === 'hang') await hang(signal)
    const latencyMs = state.nextLatencyMs()
    if (latencyMs > 0) await sleep(latencyMs, undefined, { signal })
    if (rule?.kind === 'reset-before' || rule?.kind === 'reset-midway') cut(response)
    else {
      const tokens = inputs.reduce((sum, input) => sum + estimatedTokens(input), 0)
      const data = inputs.map((input, index) => {
        const vector = stubVector(input, body.dimensions ?? 256)
        const embedding =
          body.encoding_format === 'base64' ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector
        return { object: 'embedding', index, embedding }
      })
      call.tokens.input = tokens
      call.status = 200
      sendJson(response, 200, { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } })
    }
    log.end(call, rule?.kind ?? 'answered')
  } catch (error) {
    if (!signal.aborted) throw error
    log.end(call, rule?.kind ?? 'client-left')
  }
}
