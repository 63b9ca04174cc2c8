/** The JSON values of a stream that holds one to a line; throws SyntaxError on a line that is not JSON. */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder()
  let parts: string[] = []
  for await (const chunk of chunks) {
    const lines = decoder.decode(chunk, { stream: true }).split('\n')
    const last = lines.pop() ?? ''
    for (const line of lines) {
      parts.push(line)
      const text = parts.join('').trim()
      parts = []
      if (text !== '') yield JSON.parse(text)
    }
    // Parts of a long line are joined once, at its end: an object of a megabyte arrives in many chunks.
    if (last !== '') parts.push(last)
  }
  const rest = (parts.join('') + decoder.decode()).trim()
  if (rest !== '') yield JSON.parse(rest)
}
