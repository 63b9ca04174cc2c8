import { once } from 'node:events'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { TlsOptions } from './tls-options.ts'

interface CancelTarget {
  readonly host: string
  readonly port: number
  readonly tls: TlsOptions
  readonly processId: number
  readonly secretKey: number
}

const cancelRequestCode = 80_877_102
const sslRequestCode = 80_877_103

/**
 * Asks the server to stop what a connection is doing, over a connection of its own, encrypted where the session is: the key
 * that it carries would let anybody who reads it stop later statements too. The server never says whether it did.
 */
export async function cancelRequest(target: CancelTarget, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const socket = connect({ host: target.host, port: target.port })
  const destroy = () => socket.destroy()
  signal.addEventListener('abort', destroy, { once: true })
  try {
    await once(socket, 'connect', { signal })
    const stream = target.tls === false ? socket : await startTls(socket, target, target.tls, signal)
    stream.end(words(16, cancelRequestCode, target.processId, target.secretKey))
    stream.resume()
    await once(stream, 'close', { signal })
  } finally {
    signal.removeEventListener('abort', destroy)
    socket.destroy()
  }
}

async function startTls(
  socket: Socket,
  target: CancelTarget,
  tls: Exclude<TlsOptions, false>,
  signal: AbortSignal,
): Promise<Socket> {
  socket.write(words(8, sslRequestCode))
  const [answer] = (await once(socket, 'data', { signal })) as [Buffer]
  if (answer.toString('latin1') !== 'S') throw new Error('the server does not speak TLS')
  const name = isIP(target.host) === 0 ? { servername: target.host } : {}
  const secured = connectTls({ ...tls, ...name, host: target.host, socket })
  await once(secured, 'secureConnect', { signal })
  return secured
}

function words(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4)
  values.forEach((value, index) => {
    buffer.writeInt32BE(value | 0, index * 4)
  })
  return buffer
}
