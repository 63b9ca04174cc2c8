import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallOutcome, StubCall } from './call-log.ts'
import { type ChatReply, streamedReply, wholeReply } from './chat-reply.ts'
import {
  type Asked,
  answerSchema,
  askedOf,
  type ChatRequest,
  parseChatRequest,
  promptDigest,
  promptText,
} from './chat-request.ts'
import { draftedAnswer } from './drafted-answer.ts'
import { type ReplyText, replyText } from './faulty-answer.ts'
import { judgeAnswer } from './judge-answer.ts'
import { type HttpRefusal, rateLimited, refusal, refusalOfFormat, refusalOfRule, unknownModel } from './refusals.ts'
import { estimatedTokens, reportedUsage, usageOf } from './reply-tokens.ts'
import { cut, hang, sendRefusal, sendStream, sendWhole } from './reply-writer.ts'
import type { FaultRule, StubSettings } from './stub-options.ts'
import type { StubState } from './stub-state.ts'

const nothingAsked: Asked = { table: '', columns: [], alternatives: 0, wantTable: false }

function answerMode(request: ChatRequest): StubCall['mode'] {
  const format = request.response_format?.type
  if (format === 'json_schema' || format === 'json_object') return format
  const usesTool = (request.tools?.length ?? 0) > 0 && request.tool_choice !== 'none'
  return usesTool ? 'tool' : 'text'
}

function askedOrRefusal(request: ChatRequest, settings: StubSettings): { asked: Asked } | { refused: HttpRefusal } {
  try {
    const asked = askedOf(request)
    if (asked !== undefined) return { asked }
    if (settings.plainAnswer !== '' || judgeAnswer(promptText(request)) !== null) return { asked: nothingAsked }
  } catch (error) {
    return { refused: refusal(400, 'invalid_request_error', null, (error as Error).message, 'messages') }
  }
  const message =
    'I cannot tell what to describe: the conversation has no line of JSON between <request> and </request>, and the schema of the answer names no columns.'
  return { refused: refusal(400, 'invalid_request_error', null, message, 'messages') }
}

/** What the model may still say after the limit the request sets; cut text ends with reason `length`. */
function withinLimit(text: ReplyText, request: ChatRequest, settings: StubSettings): ReplyText {
  const limit = request.max_completion_tokens ?? request.max_tokens
  if (limit === null || limit === undefined || text.content === null) return text
  const left = Math.max(0, limit - (settings.tokens.reasoning ?? estimatedTokens(settings.reasoningText)))
  if (estimatedTokens(text.content) <= left) return text
  return { ...text, content: text.content.slice(0, left * 4), finishReason: 'length' }
}

interface ReadyReply {
  request: ChatRequest
  rule: FaultRule | undefined
  reply: ChatReply
}

function readyReply(
  call: StubCall,
  request: ChatRequest,
  asked: Asked,
  rule: FaultRule | undefined,
  settings: StubSettings,
): ReadyReply {
  const prompt = promptText(request)
  const plain: ReplyText = { content: judgeAnswer(prompt) ?? settings.plainAnswer, refusal: null, finishReason: 'stop' }
  const drafted = () => replyText(draftedAnswer(asked, prompt, answerSchema(request), settings.alternatives), rule)
  const text = withinLimit(asked === nothingAsked ? plain : drafted(), request, settings)
  const spent = request.max_completion_tokens ?? request.max_tokens ?? 4096
  // A reasoning model that came to no answer spent all it might on reasoning.
  const tokens =
    rule?.kind === 'empty-for-length' ? { ...settings.tokens, output: spent, reasoning: spent } : settings.tokens
  const usage = usageOf(prompt, text.content ?? text.refusal ?? '', { ...settings, tokens })
  call.tokens = {
    input: usage.prompt_tokens,
    output: usage.completion_tokens,
    cached: usage.prompt_tokens_details.cached_tokens,
    reasoning: usage.completion_tokens_details.reasoning_tokens,
  }
  const tool = call.mode === 'tool' && text.refusal === null ? request.tools?.[0]?.function.name : undefined
  const reply: ChatReply = {
    id: call.id,
    model: request.model,
    text,
    reasoningText: settings.reasoningText,
    tool,
    usage: reportedUsage(usage, rule),
  }
  return { request, rule, reply }
}

async function deliver(
  response: ServerResponse,
  ready: ReadyReply,
  latencyMs: number,
  state: StubState,
  signal: AbortSignal,
): Promise<void> {
  const { request, rule, reply } = ready
  if (rule?.kind === 'hang') return hang(signal)
  if (latencyMs > 0) await sleep(latencyMs, undefined, { signal })
  if (rule?.kind === 'reset-before') return cut(response)
  const delivery = { rule, pieceDelayMs: state.settings.pieceDelayMs, signal }
  if (request.stream) return sendStream(response, streamedReply(request, reply), delivery)
  return sendWhole(response, wholeReply(request, reply), delivery)
}

/** Answers one `POST /v1/chat/completions` and logs it. `signal` ends when the client goes away or the stub stops. */
export async function answerChat(
  state: StubState,
  body: unknown,
  key: string,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { settings, log, schedule } = state
  let request: ChatRequest
  try {
    request = parseChatRequest(body)
  } catch (error) {
    return sendRefusal(response, refusal(400, 'invalid_request_error', 'invalid_type', (error as Error).message))
  }
  const digest = promptDigest(request)
  const found = askedOrRefusal(request, settings)
  const asked = 'asked' in found ? found.asked : nothingAsked
  const call = log.begin({
    route: 'chat',
    model: request.model,
    promptDigest: digest,
    ...asked,
    mode: answerMode(request),
    stream: request.stream ? 'yes' : 'no',
    keyEnding: key.slice(-4),
    ...(settings.requests === 'Kept' ? { request } : {}),
  })
  response.setHeader('x-request-id', `req_${call.id}`)
  const end = (outcome: CallOutcome) => {
    call.status = response.headersSent ? response.statusCode : 0
    log.end(call, outcome)
  }
  const refuse = (refused: HttpRefusal, outcome: CallOutcome) => {
    sendRefusal(response, refused)
    end(outcome)
  }

  if (settings.models.length > 0 && !settings.models.includes(request.model))
    return refuse(unknownModel(request.model), 'refused')
  const crowded = settings.maximumConcurrency > 0 && log.inFlight() > settings.maximumConcurrency
  if (crowded) return refuse(rateLimited(request.model), 'refused')
  const rule = schedule.next({
    route: 'chat',
    model: request.model,
    table: asked.table,
    columns: asked.columns,
    promptDigest: digest,
    usesJsonSchema: call.mode === 'json_schema',
    usesLogprobs: request.logprobs === true,
  })
  const faulty = rule === undefined ? undefined : refusalOfRule(rule, request.model)
  if (rule !== undefined && faulty !== undefined) return refuse(faulty, rule.kind)
  const badFormat = 'refused' in found ? found.refused : refusalOfFormat(request, promptText(request))
  if (badFormat !== undefined) return refuse(badFormat, 'refused')

  try {
    await deliver(response, readyReply(call, request, asked, rule, settings), state.nextLatencyMs(), state, signal)
    end(rule?.kind ?? 'answered')
  } catch (error) {
    if (!signal.aborted) throw error
    end(rule?.kind ?? 'client-left')
  }
}
