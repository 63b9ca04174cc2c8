import type { ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { generate } from 'selfsigned'
import { followLog, readLog } from './container-log.ts'
import { type LogQuery, parseLogQuery, selectLines, shownLine, wants } from './log-query.ts'
import { createPortForwarder, type PortForwardOptions } from './port-forward.ts'

/** Where the log of a container's run is, or why there is none. */
export type LogPlace = { path: string } | { problem: string; status: 400 | 404 }

export interface LogServerOptions extends PortForwardOptions {
  findLog(namespace: string, pod: string, container: string, run: LogQuery['run']): LogPlace
  /** With it, only clients with a certificate of this authority are answered. */
  clientCaPem?: string
}

export interface LogServer {
  port: number
  close(): Promise<void>
}

/** More than this waiting to be sent ends the connection: its reader is too slow for what the container writes. */
const backlogBytes = 16 * 1024 * 1024

/**
 * Serves `GET /containerLogs/{namespace}/{pod}/{container}` and `/portForward/{namespace}/{pod}` over TLS on a free loopback port:
 * `kubectl logs` and ports that are forwarded.
 */
export async function startLogServer(options: LogServerOptions): Promise<LogServer> {
  const certificate = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    notAfterDate: new Date(Date.now() + 10 * 365 * 86_400_000),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  const server: Server = createServer({
    key: certificate.private,
    cert: certificate.cert,
    ...(options.clientCaPem === undefined
      ? {}
      : { ca: options.clientCaPem, requestCert: true, rejectUnauthorized: true }),
  })
  const forwarder = createPortForwarder(options)
  server.on('upgrade', (request, socket, head) => {
    if (!forwarder.upgrade(request, socket, head)) socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n')
  })
  server.on('request', (request, response) => {
    const url = new URL(request.url ?? '/', 'https://127.0.0.1')
    const [, route, namespace, pod, container, ...rest] = url.pathname.split('/').map(decodeURIComponent)
    if (request.method !== 'GET' || route !== 'containerLogs' || !namespace || !pod || !container || rest.length > 0) {
      answer(response, 404, 'the process node serves /containerLogs/{namespace}/{pod}/{container} only')
      return
    }
    try {
      const query = parseLogQuery(url.searchParams, Date.now())
      const place = options.findLog(namespace, pod, container, query.run)
      if ('problem' in place) answer(response, place.status, place.problem)
      else sendLog(response, place.path, query)
    } catch (error) {
      answer(response, error instanceof RangeError ? 400 : 500, error instanceof Error ? error.message : String(error))
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the log server has no port')
  return {
    port: address.port,
    close() {
      forwarder.close()
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`)
}

function sendLog(response: ServerResponse, path: string, query: LogQuery): void {
  let left = query.limitBytes ?? Number.POSITIVE_INFINITY
  const send = (bytes: Buffer): void => {
    const part = bytes.length > left ? bytes.subarray(0, left) : bytes
    left -= part.length
    if (part.length > 0) response.write(part)
    if (left <= 0) response.end()
    else if (response.writableLength > backlogBytes) response.destroy()
  }
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.flushHeaders()
  const lines = selectLines(readLog(path), query)
  if (lines.length > 0) send(Buffer.concat(lines.map((line) => shownLine(query, line))))
  if (query.follow === 'no') {
    response.end()
    return
  }
  const stop = followLog(path, {
    line(line) {
      if (!response.writableEnded && wants(query, line)) send(shownLine(query, line))
    },
    end() {
      response.end()
    },
  })
  response.on('close', stop)
}
