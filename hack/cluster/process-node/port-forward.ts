import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'

export interface PortForwardOptions {
  /** Why nothing can be forwarded to the pod, or null where it runs. */
  readonly notForwardedBecause: (namespace: string, pod: string) => string | null
}

export interface PortForwarder {
  /** Takes a request to switch protocols; false when it is no forward. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  close(): void
}

const protocol = 'v4.channel.k8s.io'

/**
 * Serves the kubelet's `/portForward/{namespace}/{pod}?port=N` over WebSocket (k8s.io/kubelet pkg/cri/streaming/portforward): two
 * channels per port, data and error, and the port as the first message of each. Pods of this node listen on the machine itself.
 */
export function createPortForwarder({ notForwardedBecause }: PortForwardOptions): PortForwarder {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
  })
  return {
    upgrade(request, socket, head) {
      const url = new URL(request.url ?? '/', 'https://127.0.0.1')
      const [, route, namespace = '', pod = ''] = url.pathname.split('/').map(decodeURIComponent)
      if (route !== 'portForward') return false
      const ports = url.searchParams.getAll('port').flatMap((text) => text.split(',').map(Number))
      const problem = ports.every(isPort) && ports.length > 0 ? notForwardedBecause(namespace, pod) : 'no port is named'
      if (problem !== null) {
        socket.end(`HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${problem}\n`)
        return true
      }
      server.handleUpgrade(request, socket, head, (tunnel) => {
        tunnel.on('error', () => tunnel.terminate())
        for (const [index, port] of ports.entries()) join(tunnel, port, index * 2)
      })
      return true
    },
    close() {
      for (const tunnel of server.clients) tunnel.terminate()
      server.close()
    },
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 65_535
}

/** One port: its data travels on `channel`, what went wrong on the next. */
function join(tunnel: WebSocket, port: number, channel: number): void {
  const greeting = Buffer.alloc(2)
  greeting.writeUInt16LE(port)
  const send = (to: number, bytes: Uint8Array, sent?: () => void) => {
    if (tunnel.readyState === tunnel.OPEN) tunnel.send(Buffer.concat([Buffer.from([to]), bytes]), () => sent?.())
  }
  send(channel, greeting)
  send(channel + 1, greeting)
  const target = connect(port, '127.0.0.1')
  target.on('data', (bytes: Buffer) => {
    target.pause()
    send(channel, bytes, () => target.resume())
  })
  target.once('error', ({ message }) => {
    send(channel + 1, Buffer.from(`error forwarding port ${port}: ${message}`))
  })
  target.once('close', () => tunnel.close())
  tunnel.on('message', (message: Buffer) => {
    if (message[0] !== channel) return
    if (target.write(message.subarray(1))) return
    tunnel.pause()
    target.once('drain', () => tunnel.resume())
  })
  tunnel.once('close', () => target.destroy())
}
