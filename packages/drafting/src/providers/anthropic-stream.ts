import { type JsonRecord, recordOf } from './read-record.ts'

interface Block {
  readonly start: JsonRecord
  text: string
  thinking: string
  json: string
}

/**
 * The events of a streamed message put together as the message would come in one. A stream that reports an error gives that
 * error, one that ends before its message gives null. @see https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export function joinedMessage(text: string): JsonRecord | null {
  let message: JsonRecord | undefined
  let stopped = false
  const blocks = new Map<unknown, Block>()
  for (const event of events(text)) {
    switch (event['type']) {
      case 'message_start':
        message = recordOf(event['message'])
        break
      case 'content_block_start':
        blocks.set(event['index'], { start: recordOf(event['content_block']), text: '', thinking: '', json: '' })
        break
      case 'content_block_delta':
        extend(blocks.get(event['index']), recordOf(event['delta']))
        break
      case 'message_delta':
        if (message !== undefined)
          message = {
            ...message,
            ...recordOf(event['delta']),
            // Counts of the end are sums; those it leaves out stand as they began.
            usage: { ...recordOf(message['usage']), ...recordOf(event['usage']) },
          }
        break
      case 'message_stop':
        stopped = true
        break
      case 'error':
        return event
    }
  }
  return message === undefined || !stopped ? null : { ...message, content: [...blocks.values()].map(finished) }
}

function* events(text: string): Generator<JsonRecord> {
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith('data:')) continue
    try {
      yield recordOf(JSON.parse(line.slice('data:'.length)))
    } catch {
      return
    }
  }
}

function extend(block: Block | undefined, delta: JsonRecord): void {
  if (block === undefined) return
  const piece = (member: string): string => {
    const value = delta[member]
    return typeof value === 'string' ? value : ''
  }
  block.text += piece('text')
  block.thinking += piece('thinking')
  block.json += piece('partial_json')
}

function finished({ start, text, thinking, json }: Block): JsonRecord {
  if (start['type'] === 'tool_use') return { ...start, input: parsed(json) }
  if (start['type'] === 'thinking') return { ...start, thinking: `${start['thinking'] ?? ''}${thinking}` }
  return start['type'] === 'text' ? { ...start, text: `${start['text'] ?? ''}${text}` } : start
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return {}
  }
}
