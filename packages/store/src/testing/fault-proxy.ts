import { createServer as createHttpServer, type Server as HttpServer, request } from 'node:http'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** Hears of every answer before the caller gets it; what it throws away never arrives. */
export type OnAnswer = () => 'Forward' | 'Lose'

/** Something that stands between a program and a server, on a port of its own. */
export interface FaultProxy {
  readonly port: number
  close(): Promise<void>
}

/** Stands before a PostgreSQL server and hears of every statement that it has carried out. */
export async function postgresProxy(upstreamPort: number, onAnswer: OnAnswer): Promise<FaultProxy> {
  const server = createServer((client) => {
    const upstream = connect(upstreamPort, '127.0.0.1')
    const statements = countReady()
    client.on('error', () => upstream.destroy()).pipe(upstream)
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy())
    upstream.on('data', (chunk: Buffer) => {
      let lost = false
      for (let left = statements(chunk); left > 0; left -= 1) lost = onAnswer() === 'Lose' || lost
      if (lost) client.destroy()
      else client.write(chunk)
    })
  })
  return listening(server)
}

/** Stands before an HTTP server and hears of every request that it has answered. */
export async function httpProxy(upstreamUrl: string, onAnswer: OnAnswer): Promise<FaultProxy> {
  const server = createHttpServer((incoming, outgoing) => {
    const forwarded = request(
      `${upstreamUrl}${incoming.url}`,
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        void buffer(answer).then((body) => {
          if (onAnswer() === 'Lose') outgoing.destroy()
          else outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(body)
        })
      },
    )
    forwarded.on('error', () => outgoing.destroy())
    outgoing.on('close', () => forwarded.destroy())
    incoming.pipe(forwarded)
  })
  return listening(server)
}

async function listening(server: Server | HttpServer): Promise<FaultProxy> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** Counts the ReadyForQuery messages in what a server sends, the one after the sign-in left out. */
function countReady(): (chunk: Buffer) => number {
  let rest: Buffer = Buffer.alloc(0)
  let signedIn = false
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    let ready = 0
    for (;;) {
      const length = rest.length >= 5 ? rest.readInt32BE(1) + 1 : Number.POSITIVE_INFINITY
      if (length > rest.length) return ready
      if (rest[0] === 0x5a) {
        if (signedIn) ready += 1
        signedIn = true
      }
      rest = rest.subarray(length)
    }
  }
}
