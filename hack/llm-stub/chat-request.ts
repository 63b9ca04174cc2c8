import { createHash } from 'node:crypto'
import { Type } from 'typebox'
import { Value } from 'typebox/value'

const contentSchema = Type.Union([
  Type.String(),
  Type.Null(),
  Type.Array(Type.Object({ type: Type.String(), text: Type.Optional(Type.String()) })),
])

const chatRequestSchema = Type.Object({
  model: Type.String({ minLength: 1 }),
  messages: Type.Array(Type.Object({ role: Type.String(), content: Type.Optional(contentSchema) }), { minItems: 1 }),
  stream: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  stream_options: Type.Optional(
    Type.Union([Type.Object({ include_usage: Type.Optional(Type.Boolean()) }), Type.Null()]),
  ),
  max_tokens: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Null()])),
  max_completion_tokens: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Null()])),
  logprobs: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  top_logprobs: Type.Optional(Type.Union([Type.Integer({ minimum: 0, maximum: 20 }), Type.Null()])),
  response_format: Type.Optional(
    Type.Union([
      Type.Object({ type: Type.Literal('text') }),
      Type.Object({ type: Type.Literal('json_object') }),
      Type.Object({
        type: Type.Literal('json_schema'),
        json_schema: Type.Object({
          name: Type.String({ minLength: 1 }),
          strict: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
          schema: Type.Optional(Type.Unknown()),
        }),
      }),
    ]),
  ),
  tools: Type.Optional(
    Type.Array(
      Type.Object({
        type: Type.Literal('function'),
        function: Type.Object({ name: Type.String({ minLength: 1 }), parameters: Type.Optional(Type.Unknown()) }),
      }),
    ),
  ),
  tool_choice: Type.Optional(Type.Unknown()),
})

/** A chat completion request, as far as the stub reads it. */
export type ChatRequest = Type.Static<typeof chatRequestSchema>

const askedSchema = Type.Object({
  table: Type.String(),
  columns: Type.Array(Type.String()),
  alternatives: Type.Integer({ minimum: 1 }),
  wantTable: Type.Optional(Type.Boolean()),
  agent: Type.Optional(Type.Enum(['documents', 'code', 'merge'])),
})

/** What a prompt asks for. */
export interface Asked {
  table: string
  columns: string[]
  alternatives: number
  wantTable: boolean
  /** Whose question it is, when it is not that for a first draft. */
  agent?: 'documents' | 'code' | 'merge'
}

/** The body as a request; throws a RangeError that names the first wrong field. */
export function parseChatRequest(body: unknown): ChatRequest {
  if (Value.Check(chatRequestSchema, body)) return body
  const [first] = Value.Errors(chatRequestSchema, body)
  const field = (first?.instancePath ?? '').slice(1).replaceAll('/', '.')
  throw new RangeError(`Invalid value for '${field || 'body'}': ${first?.message ?? 'not an object'}.`)
}

/** All text of the conversation, in its order. */
export function promptText(request: ChatRequest): string {
  return request.messages
    .map(({ content }) => {
      if (typeof content === 'string') return content
      return (content ?? []).map((part) => part.text ?? '').join('')
    })
    .join('\n')
}

/** SHA-256 of what decides an answer: model, messages, and the form asked for. */
export function promptDigest(request: ChatRequest): string {
  const deciding = [request.model, request.messages, request.response_format ?? null, request.tools ?? null]
  return createHash('sha256').update(JSON.stringify(deciding)).digest('hex')
}

/** The JSON schema the answer must follow, from the response format or else from the first tool. */
export function answerSchema(request: ChatRequest): unknown {
  if (request.response_format?.type === 'json_schema') return request.response_format.json_schema.schema
  return request.tools?.[0]?.function.parameters
}

/** A member of a JSON value, by property names from the outside in, or undefined. */
export function member(value: unknown, ...names: string[]): unknown {
  let found = value
  for (const name of names) {
    if (typeof found !== 'object' || found === null) return undefined
    found = Object.hasOwn(found, name) ? (found as Record<string, unknown>)[name] : undefined
  }
  return found
}

function askedBySchema(schema: unknown): Asked | undefined {
  const column = member(schema, 'properties', 'columns', 'items')
  const named = member(column, 'properties', 'name', 'enum')
  const columns = Array.isArray(named) ? named.filter((name) => typeof name === 'string') : []
  const ofColumn = member(column, 'properties', 'alternatives', 'minItems')
  const ofTable = member(schema, 'properties', 'table', 'properties', 'alternatives', 'minItems')
  const alternatives = [ofColumn, ofTable].find((count) => typeof count === 'number')
  const wantTable = member(schema, 'properties', 'table') !== undefined
  if (columns.length === 0 && ofTable === undefined) return undefined
  return { table: 'table', columns, alternatives: alternatives ?? 1, wantTable }
}

/**
 * What the prompt asks for: the last line of JSON between `<request>` and `</request>`, else the names and counts in
 * the schema of the answer, else undefined. Throws a RangeError where the line is there but wrong.
 */
export function askedOf(request: ChatRequest): Asked | undefined {
  const marked = [...promptText(request).matchAll(/<request>\s*(\{[^\n]*\})\s*<\/request>/g)].at(-1)?.[1]
  if (marked === undefined) return askedBySchema(answerSchema(request))
  let parsed: unknown
  try {
    parsed = JSON.parse(marked)
  } catch (error) {
    throw new RangeError(`The line between <request> and </request> is not JSON: ${(error as Error).message}`)
  }
  if (!Value.Check(askedSchema, parsed)) {
    const [first] = Value.Errors(askedSchema, parsed)
    throw new RangeError(`The line between <request> and </request>: ${first?.instancePath || '/'} ${first?.message}`)
  }
  return {
    table: parsed.table,
    columns: parsed.columns,
    alternatives: parsed.alternatives,
    wantTable: parsed.wantTable ?? false,
    ...(parsed.agent === undefined ? {} : { agent: parsed.agent }),
  }
}
