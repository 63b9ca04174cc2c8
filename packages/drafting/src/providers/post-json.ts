/** An HTTP answer with its body as JSON; as text where it is none. */
export interface JsonAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** Posts JSON and reads the whole answer, whatever its status. Throws what `fetch` throws: resets, and the signal's reason. */
export async function postJson(
  pooled: typeof fetch,
  request: {
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: object
    readonly signal: AbortSignal
  },
): Promise<JsonAnswer> {
  const response = await pooled(request.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...request.headers },
    body: JSON.stringify(request.body),
    signal: request.signal,
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: parsedJson(text) }
}

/** The text as JSON; the text itself where it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
