import { createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { AmxError } from '@amx/api'
import WebSocket from 'ws'
import type { Identity } from './identity.ts'

export interface ForwardOptions {
  readonly identity: Identity
  readonly namespace: string
  readonly pod: string
  /** Port of the pod. */
  readonly port: number
  /** Port of this machine. @default a free one */
  readonly localPort?: number
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** A port of this machine whose connections come out at a port of a pod. */
export interface Forward {
  readonly localPort: number
  /** What the pod's end said last about a connection it did not take. */
  lastProblem(): string | undefined
  close(): void
}

const dataChannel = 0
const errorChannel = 1
const protocol = 'v4.channel.k8s.io'
const pingMs = 20_000
/** More than this on the way to the pod stops reading until it is sent. */
const backlogBytes = 1024 * 1024

/**
 * Forwards a port of the loopback address to a pod through the API server, one WebSocket per connection
 * (https://kubernetes.io/docs/reference/kubectl/generated/kubectl_port-forward/ in its oldest WebSocket form, which every kubelet
 * speaks). Throws AMX-4020 when the API server or the pod's node refuses.
 */
export async function openForward(options: ForwardOptions): Promise<Forward> {
  const open = new Set<WebSocket>()
  let problem: string | undefined
  const dial = async () => {
    const tunnel = await openTunnel(options)
    open.add(tunnel)
    tunnel.once('close', () => open.delete(tunnel))
    return tunnel
  }
  // The first one is opened at once, so that a refusal is told as one; the first connection takes it.
  let waiting: WebSocket | null = await dial()
  const listener = createServer((socket) => {
    // Whoever connected sees that the connection ended; there is nobody else to tell.
    socket.on('error', () => {})
    const given = waiting?.readyState === WebSocket.OPEN ? waiting : null
    waiting = null
    const tunnel = given === null ? dial() : Promise.resolve(given)
    tunnel.then(
      (one) =>
        join(socket, one, (words) => {
          problem = words
        }),
      (error: Error) => {
        problem = error.message
        socket.destroy()
      },
    )
  })
  await new Promise<void>((resolve, reject) => {
    listener.once('error', (error: NodeJS.ErrnoException) => {
      for (const tunnel of open) tunnel.terminate()
      const taken = error.code === 'EADDRINUSE' ? `port ${options.localPort} of this machine is taken` : error.message
      reject(new AmxError('AMX-4020', { pod: options.pod, detail: taken }))
    })
    listener.listen(options.localPort ?? 0, '127.0.0.1', resolve)
  })
  const address = listener.address()
  const localPort = address !== null && typeof address === 'object' ? address.port : 0
  return {
    localPort,
    lastProblem: () => problem,
    close() {
      listener.close()
      for (const tunnel of open) tunnel.terminate()
    },
  }
}

function openTunnel({ identity, namespace, pod, port, timeoutMs, signal }: ForwardOptions): Promise<WebSocket> {
  const path = `api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward?ports=${port}`
  const url = new URL(path, identity.apiServer)
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:'
  const { agent, auth, ca, cert, key, passphrase, rejectUnauthorized, servername, headers } = identity.security
  const security = { agent, auth, ca, cert, key, passphrase, rejectUnauthorized, servername }
  const given = Object.fromEntries(Object.entries(security).filter(([, value]) => value !== undefined))
  const tunnel = new WebSocket(url, [protocol], {
    ...given,
    headers: { ...(headers as Record<string, string>), ...(identity.impersonation as Record<string, string>) },
    handshakeTimeout: timeoutMs,
    perMessageDeflate: false,
  })
  const refused = (detail: string, cause?: unknown) =>
    new AmxError('AMX-4020', { pod: `pod ${pod}`, detail }, { cause })
  return new Promise((resolve, reject) => {
    const abort = () => tunnel.terminate()
    signal.addEventListener('abort', abort, { once: true })
    tunnel.once('close', () => signal.removeEventListener('abort', abort))
    tunnel.once('open', () => {
      tunnel.on('error', () => {})
      // What comes before somebody reads stays in the socket.
      tunnel.pause()
      resolve(tunnel)
    })
    tunnel.once('error', (error) => reject(signal.aborted ? signal.reason : refused(error.message, error)))
    tunnel.once('unexpected-response', (_request, response) => {
      text(response).then(
        (body) => reject(refused(wordsOf(body) ?? `the API server answered ${response.statusCode}`)),
        reject,
      )
    })
  })
}

/** Carries bytes between a connection of this machine and its tunnel until either ends. */
function join(socket: Socket, tunnel: WebSocket, onProblem: (words: string) => void): void {
  const greeted = new Set<number>()
  const ping = setInterval(() => tunnel.ping(), pingMs).unref()
  tunnel.on('message', (message: Buffer) => {
    const channel = message[0] ?? -1
    const bytes = message.subarray(1)
    // The first message of each channel repeats the port.
    if (!greeted.has(channel)) {
      greeted.add(channel)
      return
    }
    if (channel === errorChannel) {
      onProblem(bytes.toString('utf8'))
      socket.destroy()
    } else if (channel === dataChannel && !socket.write(bytes)) {
      tunnel.pause()
      socket.once('drain', () => tunnel.resume())
    }
  })
  tunnel.once('close', () => {
    clearInterval(ping)
    socket.end()
  })
  socket.on('data', (bytes) => {
    tunnel.send(Buffer.concat([Buffer.from([dataChannel]), bytes as Buffer]), () => socket.resume())
    if (tunnel.bufferedAmount > backlogBytes) socket.pause()
  })
  socket.once('close', () => tunnel.close())
  tunnel.resume()
}

function wordsOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { message?: string }).message
  } catch {
    return body.trim() || undefined
  }
}
