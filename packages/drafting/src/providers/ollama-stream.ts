import { type JsonRecord, recordOf, recordsOf } from './read-record.ts'

/**
 * The pieces of a streamed chat put together as the chat would come in one: text, thought and log-probabilities of all lines,
 * the rest of the last. A single line is a chat already. Null for what is no stream of JSON lines.
 */
export function joinedChat(text: string): JsonRecord | null {
  const lines: JsonRecord[] = []
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    try {
      lines.push(recordOf(JSON.parse(line)))
    } catch {
      return null
    }
  }
  const last = lines.at(-1)
  if (last === undefined) return null
  const failed = lines.find((line) => typeof line['error'] === 'string')
  if (failed !== undefined) return failed
  const all = (member: string) =>
    lines
      .map(({ message }) => recordOf(message)[member])
      .filter((piece) => typeof piece === 'string')
      .join('')
  const logprobs = lines.flatMap((line) => recordsOf(line['logprobs']))
  return {
    ...last,
    message: { ...recordOf(last['message']), content: all('content'), thinking: all('thinking') },
    ...(logprobs.length === 0 ? {} : { logprobs }),
  }
}
