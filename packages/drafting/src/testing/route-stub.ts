import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** An answer of the stub: a status with a body, or what happens to the connection instead. */
export type StubAnswer = StubReply | ((request: StubRequest) => StubReply) | 'reset' | 'hang'

export interface StubReply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}

export interface StubRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Readonly<Record<string, unknown>>
}

export interface RouteStub extends AsyncDisposable {
  readonly url: string
  readonly requests: readonly StubRequest[]
}

/** A server that gives these answers in their order, the last one again and again, and keeps what it was asked. */
export async function startRouteStub(...answers: readonly StubAnswer[]): Promise<RouteStub> {
  const requests: StubRequest[] = []
  const server = createServer(async (request, response) => {
    const text = await bodyOf(request)
    const asked: StubRequest = { path: request.url ?? '', headers: request.headers, body: JSON.parse(text) }
    requests.push(asked)
    const answer = answers[Math.min(requests.length, answers.length) - 1]
    if (answer === undefined || answer === 'reset') request.socket.destroy()
    else if (answer !== 'hang') give(typeof answer === 'function' ? answer(asked) : answer, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function give(answer: StubReply, response: ServerResponse): void {
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers })
  response.end(text)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
