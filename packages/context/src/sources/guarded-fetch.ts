import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { AmxError } from '@amx/api'

export interface GuardedRequest {
  readonly url: string
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const mostRedirects = 5

// Where clouds answer with the machine's own credentials. A source is named by people who may not see those.
const linkLocal = new BlockList()
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4')
linkLocal.addSubnet('fe80::', 10, 'ipv6')
linkLocal.addAddress('fd00:ec2::254', 'ipv6')
linkLocal.addAddress('100.100.100.200', 'ipv4')

/**
 * Fetches a web address, redirects followed at most 5 times and never to a link-local address or away from https. Credentials
 * stay with the host they were given for. Throws AMX-5001 where nobody answers.
 */
export async function guardedFetch(request: GuardedRequest): Promise<Response> {
  let url = new URL(request.url)
  let headers = request.headers ?? {}
  for (let redirects = 0; ; redirects += 1) {
    await refuseLinkLocal(url)
    const response = await fetchOnce(url, headers, request)
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || response.status === 304 || location === null) return response
    await response.body?.cancel()
    if (redirects === mostRedirects) throw unreachable(url, `more than ${mostRedirects} redirects`)
    const next = new URL(location, url)
    if (!/^https?:$/.test(next.protocol)) throw unreachable(url, `it redirects to ${next.protocol}`)
    if (url.protocol === 'https:' && next.protocol === 'http:') throw unreachable(url, 'it redirects away from https')
    if (next.origin !== url.origin) {
      headers = Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'))
    }
    url = next
  }
}

async function fetchOnce(url: URL, headers: Readonly<Record<string, string>>, request: GuardedRequest) {
  try {
    return await fetch(url, {
      method: request.method,
      headers: { 'user-agent': 'amx-context', ...headers },
      redirect: 'manual',
      ...(request.body === undefined ? {} : { body: new Uint8Array(request.body) }),
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(request.timeoutMs)]),
    })
  } catch (error) {
    request.signal.throwIfAborted()
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : ''
    throw unreachable(url, cause || (error instanceof Error ? error.message : String(error)), error)
  }
}

async function refuseLinkLocal(url: URL): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses =
    isIP(host) === 0 ? await lookup(host, { all: true }).catch(() => []) : [{ address: host, family: isIP(host) }]
  for (const { address, family } of addresses) {
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
    if (linkLocal.check(mapped ?? address, mapped === undefined && family === 6 ? 'ipv6' : 'ipv4')) {
      throw unreachable(url, `${address} is a link-local address, which is never read`)
    }
  }
}

/** The address as errors show it: without user, password and query. */
export function sayAddress(url: URL | string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

function unreachable(url: URL, detail: string, cause?: unknown): AmxError {
  return new AmxError('AMX-5001', { source: sayAddress(url), detail }, { cause })
}

/** The body of a response, or null once it is larger than `limitBytes`. Throws AMX-5001 where it breaks off. */
export async function readBody(response: Response, limitBytes: number, signal: AbortSignal): Promise<Buffer | null> {
  const parts: Uint8Array[] = []
  let size = 0
  if (response.body === null) return Buffer.alloc(0)
  try {
    for await (const part of response.body) {
      size += part.byteLength
      if (size > limitBytes) return null
      parts.push(part)
    }
  } catch (error) {
    signal.throwIfAborted()
    throw unreachable(new URL(response.url), 'the answer broke off', error)
  }
  return Buffer.concat(parts)
}
