import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type BatchRoutes, batchRoutes } from './batch-routes.ts'
import type { CallReport, StubCall } from './call-log.ts'
import { answerChat } from './chat-route.ts'
import { answerEmbeddings } from './embeddings-route.ts'
import { refusal, wrongKey } from './refusals.ts'
import { sendJson, sendRefusal } from './reply-writer.ts'
import type { PartialStubSettings } from './stub-options.ts'
import { type StubState, stubState } from './stub-state.ts'

const maximumBodyBytes = 64 * 1024 * 1024

/** How a stub starts: a port of 127.0.0.1 (@default 0, a free one) and everything that can be configured later. */
export interface LlmStubOptions extends PartialStubSettings {
  port?: number
}

/** A running stub. */
export interface LlmStub {
  /** The base URL for a client, with `/v1`. */
  url: string
  /** The base URL of the control endpoints, with `/control`. */
  controlUrl: string
  /** A copy of every call so far. */
  calls(): StubCall[]
  /** The calls with what can be counted about them. */
  report(): CallReport
  /** Batches that were created. */
  batches(): number
  /** Replaces the settings given; throws a RangeError for one it does not know. */
  configure(change: PartialStubSettings): void
  /** Back to the settings of the start, with an empty log. */
  reset(): void
  /** Ends every open connection and the server. */
  stop(): Promise<void>
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > maximumBodyBytes) throw new RangeError('The request body is larger than 64 MiB.')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function parsedJson(body: Buffer): unknown {
  const text = body.toString('utf8')
  try {
    return JSON.parse(text === '' ? '{}' : text)
  } catch {
    throw new RangeError('We could not parse the JSON body of your request.')
  }
}

function controlBody(state: StubState, route: string, body: unknown): object | undefined {
  switch (route) {
    case 'GET /control/calls':
      return state.log.report()
    case 'GET /control/settings':
      return state.settings
    case 'POST /control/configure':
      state.configure(body)
      return state.settings
    case 'POST /control/reset':
      state.reset()
      return state.settings
    default:
      return undefined
  }
}

async function answer(
  state: StubState,
  batches: BatchRoutes,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://stub')
  const route = `${request.method} ${pathname}`
  const sent = request.method === 'POST' ? await readBody(request) : Buffer.alloc(0)
  const isForm = request.headers['content-type']?.startsWith('multipart/') === true
  const body = request.method === 'POST' && !isForm ? parsedJson(sent) : undefined
  const control = controlBody(state, route, body)
  if (control !== undefined) return sendJson(response, 200, control)
  const key = /^Bearer (.*)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
  if (state.settings.apiKey !== '' && key !== state.settings.apiKey) return sendRefusal(response, wrongKey(key))
  if (batches.answer(request, pathname, sent, response)) return
  if (route === 'POST /v1/chat/completions') return answerChat(state, body, key, response, signal)
  if (route === 'POST /v1/embeddings') return answerEmbeddings(state, body, key, response, signal)
  if (route === 'GET /v1/models') {
    const names = state.settings.models.length > 0 ? state.settings.models : ['stub-model', 'stub-embedding']
    const data = names.map((id) => ({ id, object: 'model', created: 1_767_225_600, owned_by: 'stub' }))
    return sendJson(response, 200, { object: 'list', data })
  }
  sendRefusal(response, refusal(404, 'invalid_request_error', null, `Invalid URL (${route})`))
}

/** Starts an OpenAI-compatible model server on 127.0.0.1. Throws a RangeError for a setting it does not know. */
export async function startLlmStub(options: LlmStubOptions = {}): Promise<LlmStub> {
  const { port = 0, ...settings } = options
  const state = stubState(settings)
  const stopping = new AbortController()
  const batches = batchRoutes(() => state.settings, stopping.signal)
  const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
    const left = new AbortController()
    response.on('close', () => left.abort())
    // Errors of a connection that is gone are the client's affair.
    response.on('error', () => left.abort())
    const signal = AbortSignal.any([left.signal, stopping.signal])
    answer(state, batches, request, response, signal).catch((error: unknown) => {
      if (response.headersSent || signal.aborted) return void response.destroy()
      const wrongInput = error instanceof RangeError
      const message = error instanceof Error ? error.message : String(error)
      sendRefusal(
        response,
        refusal(wrongInput ? 400 : 500, wrongInput ? 'invalid_request_error' : 'server_error', null, message),
      )
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `${origin}/v1`,
    controlUrl: `${origin}/control`,
    calls: () => state.log.report().calls,
    report: () => state.log.report(),
    batches: () => batches.count(),
    configure: (change) => state.configure(change),
    reset: () => state.reset(),
    async stop() {
      if (!server.listening) return
      stopping.abort()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
