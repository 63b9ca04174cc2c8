import { type JsonRecord, recordOf } from '../providers/read-record.ts'

/** The lines of a JSONL body, one object each; blank ones are left out. Throws a SyntaxError for a line that is no JSON. */
export async function* jsonLines(body: ReadableStream<Uint8Array>): AsyncGenerator<JsonRecord> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield recordOf(JSON.parse(line))
  }
  rest += decoder.decode()
  if (rest.trim() !== '') yield recordOf(JSON.parse(rest))
}
