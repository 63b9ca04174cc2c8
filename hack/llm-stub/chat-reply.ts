import type { ChatRequest } from './chat-request.ts'
import type { ReplyText } from './faulty-answer.ts'
import { tokenLogprobs, tokenPieces, type Usage } from './reply-tokens.ts'

/** A finished reply, before it takes its form on the wire. */
export interface ChatReply {
  id: string
  model: string
  text: ReplyText
  reasoningText: string
  /** The name of the tool whose arguments carry the text; undefined where the text is the message. */
  tool: string | undefined
  usage: Usage | undefined
}

const createdSeconds = 1_767_225_600
const piecesPerChunk = 8

function logprobsOf(request: ChatRequest, content: string | null) {
  if (!request.logprobs) return null
  return { content: tokenLogprobs(content ?? '', request.top_logprobs ?? 0), refusal: null }
}

function finishReason(reply: ChatReply): string {
  return reply.tool !== undefined && reply.text.finishReason === 'stop' ? 'tool_calls' : reply.text.finishReason
}

function toolCall(reply: ChatReply, name: string) {
  return { id: `call_${reply.id}`, type: 'function', function: { name, arguments: reply.text.content ?? '' } }
}

/** The body of a reply that comes whole (`chat.completion`). */
export function wholeReply(request: ChatRequest, reply: ChatReply): object {
  const { text, tool } = reply
  const message = {
    role: 'assistant',
    content: tool === undefined ? text.content : null,
    refusal: text.refusal,
    ...(tool === undefined ? {} : { tool_calls: [toolCall(reply, tool)] }),
    ...(reply.reasoningText === '' ? {} : { reasoning_content: reply.reasoningText }),
    annotations: [],
  }
  const logprobs = logprobsOf(request, message.content)
  return {
    id: `chatcmpl-${reply.id}`,
    object: 'chat.completion',
    created: createdSeconds,
    model: reply.model,
    choices: [{ index: 0, message, logprobs, finish_reason: finishReason(reply) }],
    ...(reply.usage === undefined ? {} : { usage: reply.usage }),
    service_tier: 'default',
    system_fingerprint: 'fp_stub',
  }
}

function grouped(text: string): string[] {
  const pieces = tokenPieces(text)
  const groups: string[] = []
  for (let index = 0; index < pieces.length; index += piecesPerChunk) {
    groups.push(pieces.slice(index, index + piecesPerChunk).join(''))
  }
  return groups
}

/** The chunks of a reply that is streamed (`chat.completion.chunk`), with the usage chunk where it is asked for. */
export function streamedReply(request: ChatRequest, reply: ChatReply): object[] {
  const { text, tool } = reply
  const withUsage = request.stream_options?.include_usage === true && reply.usage !== undefined
  const chunk = (choices: object[], usage: Usage | null) => ({
    id: `chatcmpl-${reply.id}`,
    object: 'chat.completion.chunk',
    created: createdSeconds,
    model: reply.model,
    service_tier: 'default',
    system_fingerprint: 'fp_stub',
    choices,
    ...(withUsage ? { usage } : {}),
  })
  const delta = (content: object, finish: string | null = null, logprobs: object | null = null) =>
    chunk([{ index: 0, delta: content, logprobs, finish_reason: finish }], null)

  const chunks = [delta({ role: 'assistant', content: tool === undefined ? '' : null, refusal: null })]
  for (const piece of grouped(reply.reasoningText)) chunks.push(delta({ reasoning_content: piece }))
  if (tool !== undefined) {
    const { id, type } = toolCall(reply, tool)
    chunks.push(delta({ tool_calls: [{ index: 0, id, type, function: { name: tool, arguments: '' } }] }))
    for (const piece of grouped(text.content ?? '')) {
      chunks.push(delta({ tool_calls: [{ index: 0, function: { arguments: piece } }] }))
    }
  } else {
    let logprobs = request.logprobs ? tokenLogprobs(text.content ?? '', request.top_logprobs ?? 0) : undefined
    for (const piece of grouped(text.content ?? '')) {
      const own = logprobs?.slice(0, piecesPerChunk)
      logprobs = logprobs?.slice(piecesPerChunk)
      chunks.push(delta({ content: piece }, null, own === undefined ? null : { content: own, refusal: null }))
    }
  }
  for (const piece of grouped(text.refusal ?? '')) chunks.push(delta({ refusal: piece }))
  chunks.push(delta({}, finishReason(reply)))
  if (withUsage) chunks.push(chunk([], reply.usage ?? null))
  return chunks
}
