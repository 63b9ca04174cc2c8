import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { KubeConfig } from '@kubernetes/client-node'
import { generate } from 'selfsigned'
import type { KubeObject } from '../object/kube-object.ts'
import { createFakeStorage, type FakeEvent, type FakeStorage, isWithin } from './fake-storage.ts'

/** A request as the fake saw it. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What the fake does instead of answering: an HTTP answer, a connection that breaks, or silence. */
export type Fault =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  | 'reset'
  | 'silence'
  /** A watch that is accepted, with headers, and then says nothing. */
  | 'black hole'

interface Planned {
  readonly matches: (request: SeenRequest) => boolean
  readonly fault: Fault
  left: number
}

interface OpenWatch {
  readonly collection: string
  readonly response: ServerResponse
  readonly deaf: boolean
}

/** A scripted API server over real TLS: right by default, wrong on demand. */
export interface FakeApiServer {
  readonly kubeConfig: KubeConfig
  readonly kubeConfigText: string
  readonly storage: FakeStorage
  readonly requests: SeenRequest[]
  /** Connections ever opened, and open now. */
  readonly connections: { readonly total: number; readonly open: number }
  readonly watches: number
  /** Answers the next matching requests with the fault. */
  plan(matches: (request: SeenRequest) => boolean, fault: Fault, times?: number): void
  /** Sends a line to every watch of the collection. */
  emit(collection: string, line: unknown): void
  bookmark(collection: string, resourceVersion?: string): void
  /** Ends every watch as a server does whose timeout has passed. */
  endWatches(): void
  /** Breaks the connection of every watch. */
  dropWatches(): void
  /** Resolves when the condition holds; it is looked at after every request and every connection. */
  until(condition: () => boolean): Promise<void>
  close(): Promise<void>
}

let generated: ReturnType<typeof generate> | undefined

// Making a key takes longer than most tests; one is enough for all servers of a test file.
function loopbackCertificate(): ReturnType<typeof generate> {
  generated ??= generate([{ name: 'commonName', value: '127.0.0.1' }], {
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  return generated
}

/** Starts a fake on a free port of the loopback interface. */
export async function startFakeApiServer(): Promise<FakeApiServer> {
  const certificate = await loopbackCertificate()
  const storage = createFakeStorage()
  const planned: Planned[] = []
  const requests: SeenRequest[] = []
  const watches = new Set<OpenWatch>()
  const sockets = new Set<Socket>()
  let total = 0
  const waiters = new Set<() => void>()

  function changed(): void {
    for (const waiter of [...waiters]) waiter()
  }

  function send(
    response: ServerResponse,
    status: number,
    body: unknown,
    headers: Record<string, string> = {},
  ): ServerResponse {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    return response.end(body === undefined ? '' : JSON.stringify(body))
  }

  function refuse(
    response: ServerResponse,
    code: number,
    reason: string,
    headers?: Record<string, string>,
  ): ServerResponse {
    return send(response, code, { kind: 'Status', status: 'Failure', code, reason, message: reason }, headers)
  }

  function faultFor(seen: SeenRequest): Fault | undefined {
    const plan = planned.find((candidate) => candidate.left > 0 && candidate.matches(seen))
    if (plan === undefined) return undefined
    plan.left--
    return plan.fault
  }

  function list(seen: SeenRequest, response: ServerResponse): ServerResponse {
    const all = storage.list(seen.path).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    const limit = Number(seen.query.get('limit') ?? 0)
    const token = seen.query.get('continue')
    const [version, offset] = (token ?? `${storage.resourceVersion}:0`).split(':').map(Number)
    if (version === undefined || offset === undefined || storage.eventsSince(version) === undefined) {
      return refuse(response, 410, 'Expired')
    }
    const items = limit > 0 ? all.slice(offset, offset + limit) : all
    const next = offset + items.length
    const metadata = {
      resourceVersion: String(version),
      ...(next < all.length ? { continue: `${version}:${next}` } : {}),
    }
    const bare = items.map(({ apiVersion: _version, kind: _kind, ...object }) => object)
    return send(response, 200, { kind: `${items[0]?.kind ?? ''}List`, apiVersion: 'v1', metadata, items: bare })
  }

  function line(response: ServerResponse, value: unknown): void {
    response.write(`${JSON.stringify(value)}\n`)
  }

  function watch(seen: SeenRequest, response: ServerResponse, deaf: 'deaf' | 'hearing'): ServerResponse {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const opened = { collection: seen.path, response, deaf: deaf === 'deaf' }
    watches.add(opened)
    response.on('close', () => {
      watches.delete(opened)
      changed()
    })
    if (opened.deaf) return response
    const events = storage.eventsSince(Number(seen.query.get('resourceVersion') ?? 0))
    if (events === undefined) {
      watches.delete(opened)
      line(response, { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } })
      return response.end()
    }
    for (const event of events) if (isWithin(seen.path, event.collection)) line(response, event)
    return response
  }

  function merge(target: unknown, patch: unknown): unknown {
    if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
    const isObject = typeof target === 'object' && target !== null && !Array.isArray(target)
    const result: Record<string, unknown> = isObject ? { ...target } : {}
    for (const [name, value] of Object.entries(patch)) {
      if (value === null) delete result[name]
      else result[name] = merge(result[name], value)
    }
    return result
  }

  function change(seen: SeenRequest, response: ServerResponse): ServerResponse {
    const parts = seen.path.split('/')
    const isStatus = parts.at(-1) === 'status'
    if (isStatus) parts.pop()
    const name = decodeURIComponent(parts.pop() ?? '')
    const collection = parts.join('/')
    const existing = storage.get(collection, name)
    if (existing === undefined) return refuse(response, 404, 'NotFound')
    if (seen.method === 'GET') return send(response, 200, existing)
    if (seen.method === 'DELETE') return send(response, 200, storage.remove(collection, name))
    const body = JSON.parse(seen.body) as KubeObject
    const wanted = body.metadata?.resourceVersion
    if (wanted !== undefined && wanted !== existing.metadata.resourceVersion) return refuse(response, 409, 'Conflict')
    const wished = seen.method === 'PATCH' ? (merge(existing, body) as KubeObject) : body
    // As on a real server, the subresource changes the status alone.
    const next = isStatus && 'status' in wished ? { ...existing, status: wished.status } : wished
    return send(response, 200, storage.put(collection, next))
  }

  function create(seen: SeenRequest, response: ServerResponse): ServerResponse {
    const object = JSON.parse(seen.body) as KubeObject
    if (storage.get(seen.path, object.metadata.name) !== undefined) return refuse(response, 409, 'AlreadyExists')
    return send(response, 201, storage.put(seen.path, object))
  }

  function handle(seen: SeenRequest, request: IncomingMessage, response: ServerResponse): unknown {
    const fault = faultFor(seen)
    if (fault === 'silence') return response
    if (fault === 'reset') return request.socket.destroy()
    if (fault === 'black hole') return watch(seen, response, 'deaf')
    if (fault !== undefined) {
      if (fault.body !== undefined) return send(response, fault.status, fault.body, fault.headers)
      return refuse(response, fault.status, `Fault${fault.status}`, fault.headers)
    }
    // A collection's path has an even number of parts behind the group, an object's an odd one.
    const rest = seen.path.replace(/^\/api\/[^/]+\/|^\/apis\/[^/]+\/[^/]+\//, '').replace(/^namespaces\/[^/]+\//, '')
    const isCollection = !rest.includes('/')
    if (!isCollection) return change(seen, response)
    if (seen.method === 'POST') return create(seen, response)
    if (seen.query.get('watch') === 'true') return watch(seen, response, 'hearing')
    return list(seen, response)
  }

  const server = createServer({ key: certificate.private, cert: certificate.cert }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'https://fake')
      const seen = {
        method: request.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      }
      requests.push(seen)
      handle(seen, request, response)
      changed()
    })
  })
  server.on('secureConnection', (socket: Socket) => {
    total++
    sockets.add(socket)
    socket.on('close', () => {
      sockets.delete(socket)
      changed()
    })
    socket.on('error', () => undefined)
    changed()
  })
  storage.subscribe((event: FakeEvent) => {
    for (const open of watches) {
      if (!open.deaf && isWithin(open.collection, event.collection)) {
        line(open.response, { type: event.type, object: event.object })
      }
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const kubeConfigText = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'fake',
    clusters: [
      {
        name: 'fake',
        cluster: {
          server: `https://127.0.0.1:${port}`,
          'certificate-authority-data': Buffer.from(certificate.cert).toString('base64'),
        },
      },
    ],
    users: [{ name: 'fake', user: { token: 'fake-token' } }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
  })
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromString(kubeConfigText)

  return {
    kubeConfig,
    kubeConfigText,
    storage,
    requests,
    get connections() {
      return { total, open: sockets.size }
    },
    get watches() {
      return watches.size
    },
    plan(matches, fault, times = 1) {
      planned.push({ matches, fault, left: times })
    },
    emit(collection, value) {
      for (const open of watches) if (isWithin(open.collection, collection)) line(open.response, value)
    },
    bookmark(collection, resourceVersion = String(storage.resourceVersion)) {
      const object = { kind: 'Bookmark', metadata: { resourceVersion } }
      for (const open of watches)
        if (isWithin(open.collection, collection)) line(open.response, { type: 'BOOKMARK', object })
    },
    endWatches() {
      for (const open of [...watches]) {
        watches.delete(open)
        open.response.end()
      }
    },
    dropWatches() {
      for (const open of [...watches]) {
        watches.delete(open)
        open.response.destroy()
      }
    },
    until(condition) {
      return new Promise((resolve) => {
        function look(): void {
          if (!condition()) return
          waiters.delete(look)
          resolve()
        }
        waiters.add(look)
        look()
      })
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
