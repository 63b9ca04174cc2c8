import { type ChatRequest, member } from './chat-request.ts'
import type { FaultRule } from './stub-options.ts'

/** A request that is answered with an HTTP error. */
export interface HttpRefusal {
  status: number
  headers?: Record<string, string>
  body: { error: { message: string; type: string; param: string | null; code: string | null } }
}

/** An error in OpenAI's form. */
export function refusal(
  status: number,
  type: string,
  code: string | null,
  message: string,
  param: string | null = null,
): HttpRefusal {
  return { status, body: { error: { message, type, param, code } } }
}

/** The refusal for a key that is not the one asked for. */
export function wrongKey(key: string): HttpRefusal {
  const shown = key.length > 8 ? `${key.slice(0, 4)}****${key.slice(-4)}` : '****'
  const message =
    key === ''
      ? "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
      : `Incorrect API key provided: ${shown}. You can find your API key at https://platform.openai.com/account/api-keys.`
  return refusal(401, 'invalid_request_error', key === '' ? null : 'invalid_api_key', message)
}

/** The refusal for a model nobody has. */
export function unknownModel(model: string): HttpRefusal {
  const message = `The model \`${model}\` does not exist or you do not have access to it.`
  return refusal(404, 'invalid_request_error', 'model_not_found', message)
}

/** The refusal for more requests than allowed. */
export function rateLimited(
  model: string,
  message = `Rate limit reached for ${model} on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again later.`,
): HttpRefusal {
  return refusal(429, 'requests', 'rate_limit_exceeded', message)
}

function ofRule(rule: FaultRule, model: string): HttpRefusal | undefined {
  switch (rule.kind) {
    case 'rate-limit':
      return rateLimited(model, rule.message)
    case 'server-error':
      return refusal(
        500,
        'server_error',
        null,
        rule.message ?? 'The server had an error while processing your request. Sorry about that!',
      )
    case 'unavailable':
      return refusal(
        503,
        'server_error',
        null,
        rule.message ?? 'The engine is currently overloaded, please try again later.',
      )
    case 'unauthorized':
      return wrongKey('sk-stub-wrong-key')
    case 'insufficient-quota': {
      const message = rule.message ?? 'You exceeded your current quota, please check your plan and billing details.'
      return refusal(402, 'insufficient_quota', 'insufficient_quota', message)
    }
    case 'model-not-found':
      return unknownModel(model)
    case 'response-format-rejected': {
      const message =
        rule.message ?? "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."
      return refusal(400, 'invalid_request_error', null, message, 'response_format')
    }
    case 'logprobs-rejected': {
      const message = rule.message ?? "Unsupported parameter: 'logprobs' is not supported with this model."
      return refusal(400, 'invalid_request_error', 'unsupported_parameter', message, 'logprobs')
    }
    case 'context-length-exceeded': {
      const message =
        rule.message ??
        "This model's maximum context length is 8192 tokens. However, your messages resulted in more tokens. Please reduce the length of the messages."
      return refusal(400, 'invalid_request_error', 'context_length_exceeded', message, 'messages')
    }
    default:
      return undefined
  }
}

/** The HTTP error a rule stands for, or undefined where its fault shows elsewhere. */
export function refusalOfRule(rule: FaultRule, model: string): HttpRefusal | undefined {
  const usual = ofRule(rule, model)
  if (usual === undefined) return undefined
  const headers = rule.retryAfterSeconds === undefined ? {} : { 'retry-after': String(rule.retryAfterSeconds) }
  return { ...usual, headers, status: rule.status ?? usual.status }
}

function looseObject(schema: unknown, path: string): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  const properties = member(schema, 'properties')
  if (typeof properties === 'object' && properties !== null) {
    if (member(schema, 'additionalProperties') !== false) {
      return `In context=(${path}), 'additionalProperties' is required to be supplied and to be false.`
    }
    const required = member(schema, 'required')
    const missing = Object.keys(properties).find((name) => !Array.isArray(required) || !required.includes(name))
    if (missing !== undefined) {
      return `In context=(${path}), 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`
    }
  }
  for (const [name, value] of Object.entries(schema)) {
    if (name === 'enum' || name === 'const' || name === 'default' || name === 'examples') continue
    const found = looseObject(value, path === '' ? `'${name}'` : `${path}, '${name}'`)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * The refusal of a response format that the real service refuses too, or undefined: strict schemas must close every
 * object and require every property, and JSON mode wants the word JSON in the conversation.
 * @see https://platform.openai.com/docs/guides/structured-outputs (Supported schemas, JSON mode)
 */
export function refusalOfFormat(request: ChatRequest, prompt: string): HttpRefusal | undefined {
  const format = request.response_format
  if (format?.type === 'json_object' && !/json/i.test(prompt)) {
    const message =
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
    return refusal(400, 'invalid_request_error', null, message, 'messages')
  }
  if (format?.type !== 'json_schema' || format.json_schema.strict !== true) return undefined
  const { name, schema } = format.json_schema
  const fault =
    member(schema, 'type') === 'object' ? looseObject(schema, '') : `schema must be a JSON Schema of 'type: "object"'.`
  if (fault === undefined) return undefined
  const message = `Invalid schema for response_format '${name}': ${fault}`
  return refusal(400, 'invalid_request_error', null, message, 'response_format')
}
